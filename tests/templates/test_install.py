"""Putting a file in its place: whole or not at all, whatever the place is like."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bootstrapper.errors import Refused
from bootstrapper.templates import install
from bootstrapper.templates.install import Target


def place(text: str, target: Target) -> None:
    content = install.wanted(text, target)
    staged = install.stage(content, target)
    try:
        install.put(staged, content, target)
    finally:
        staged.unlink(missing_ok=True)


@pytest.fixture
def target(tmp_path: Path) -> Target:
    return Target(path=tmp_path / "haproxy.cfg")


def test_a_new_file_is_0644(target: Target) -> None:
    place("one\n", target)

    assert target.path.read_text() == "one\n"
    assert target.path.stat().st_mode & 0o7777 == 0o644


def test_a_file_keeps_its_mode_unless_one_is_wanted(target: Target) -> None:
    target.path.write_text("")
    target.path.chmod(0o600)
    place("one", target)
    kept = target.path.stat().st_mode & 0o7777
    place("two", Target(path=target.path, mode=0o640))

    assert (kept, target.path.stat().st_mode & 0o7777) == (0o600, 0o640)


def test_a_symbolic_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_text("old")
    link = tmp_path / "link"
    link.symlink_to("real/file")
    place("new", Target(path=link))

    assert link.is_symlink()
    assert (tmp_path / "real" / "file").read_text() == "new"


def test_nothing_is_left_beside_it(target: Target) -> None:
    place("one", target)
    place("two", target)

    assert [each.name for each in target.path.parent.iterdir()] == ["haproxy.cfg"]


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be written: No such file or directory"):
        place("one", Target(path=tmp_path / "none" / "file"))


def test_bytes_that_are_no_text_go_through_as_they_are(target: Target) -> None:
    place(b"\xff\xfe".decode("utf-8", "surrogateescape"), target)

    assert target.path.read_bytes() == b"\xff\xfe"


def mounts(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"mounting is not allowed here: {done.stderr.strip()}")


@pytest.fixture
def bound(tmp_path: Path) -> Iterator[Target]:
    """A file that another is mounted over, as container tools do it."""
    (tmp_path / "outside").write_text("old and longer")
    (tmp_path / "inside").write_text("")
    mounts("--bind", str(tmp_path / "outside"), str(tmp_path / "inside"))
    yield Target(path=tmp_path / "inside")
    subprocess.run(["umount", str(tmp_path / "inside")], check=True)


def test_a_bound_file_is_written_in_place(bound: Target, tmp_path: Path) -> None:
    inode = bound.path.stat().st_ino
    place("new", bound)

    assert (tmp_path / "outside").read_text() == "new"
    assert bound.path.stat().st_ino == inode


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for next to nothing."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounts("-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder))
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_leaves_the_last_good_file(tiny: Path) -> None:
    target = Target(path=tiny / "file")
    place("good", target)

    with pytest.raises(Refused, match="No space left"):
        place("x" * 100_000, target)

    assert target.path.read_text() == "good"
    assert os.listdir(tiny) == ["file"]


def test_a_full_disk_under_a_bound_file_leaves_it_too(tiny: Path, tmp_path: Path) -> None:
    (tiny / "outside").write_text("good")
    inside = tmp_path / "inside"
    inside.write_text("")
    mounts("--bind", str(tiny / "outside"), str(inside))
    try:
        with pytest.raises(Refused, match="No space left"):
            place("x" * 100_000, Target(path=inside))
        assert inside.read_text() == "good"
    finally:
        subprocess.run(["umount", str(inside)], check=True)
