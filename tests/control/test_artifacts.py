"""What a run leaves behind, kept with its job on a real Redis."""

import os
import stat
from pathlib import Path

import pytest

from bootstrapper.control.artifacts import Artifacts
from bootstrapper.errors import Unknown
from bootstrapper.redis_link import Client
from playbooks.repository import write


@pytest.fixture
def artifacts(client: Client, prefix: str) -> Artifacts:
    return Artifacts(client, prefix, most=10)


def test_files_are_kept_by_their_paths(artifacts: Artifacts, tmp_path: Path) -> None:
    write(tmp_path, {"b": "22", "a/deep/file": "1", "empty": ""})
    (tmp_path / "raw").write_bytes(b"\x00\xff")

    assert artifacts.keep("job", tmp_path) == []

    assert artifacts.sizes("job") == {"a/deep/file": 1, "b": 2, "empty": 0, "raw": 2}
    assert artifacts.get("job", "a/deep/file") == b"1"
    assert artifacts.get("job", "raw") == b"\x00\xff"


def test_a_name_that_is_not_utf_8_is_kept_as_well_as_it_can_be(
    artifacts: Artifacts, tmp_path: Path
) -> None:
    with open(os.fsencode(tmp_path) + b"/caf\xe9", "wb") as file:
        file.write(b"1")

    assert artifacts.keep("job", tmp_path) == []

    assert artifacts.get("job", "caf\N{REPLACEMENT CHARACTER}") == b"1"


def test_what_finds_no_room_is_named_and_the_rest_is_kept(
    artifacts: Artifacts, tmp_path: Path
) -> None:
    write(tmp_path, {"1": "x" * 6, "2": "x" * 5, "3": "x" * 4, "4": "x" * 11})

    assert artifacts.keep("job", tmp_path) == ["2", "4"]

    assert artifacts.sizes("job") == {"1": 6, "3": 4}


def test_no_link_brings_out_what_is_elsewhere(artifacts: Artifacts, tmp_path: Path) -> None:
    write(tmp_path, {"secret/key": "k", "artifacts/own": "o"})
    (tmp_path / "artifacts/file").symlink_to(tmp_path / "secret/key")
    (tmp_path / "artifacts/folder").symlink_to(tmp_path / "secret")

    artifacts.keep("job", tmp_path / "artifacts")

    assert artifacts.sizes("job") == {"own": 1}


def test_a_run_may_leave_nothing(artifacts: Artifacts, tmp_path: Path) -> None:
    assert artifacts.keep("job", tmp_path / "none") == artifacts.keep("job", tmp_path) == []
    assert artifacts.sizes("job") == {}


@pytest.mark.parametrize(("job", "name"), [("job", "b"), ("other", "a"), ("job", "../a")])
def test_what_was_not_left_is_unknown(
    artifacts: Artifacts, tmp_path: Path, job: str, name: str
) -> None:
    artifacts.keep("job", write(tmp_path, {"a": "1"}))

    with pytest.raises(Unknown, match="left no artifact"):
        artifacts.get(job, name)


def test_a_folder_that_was_made_a_link_holds_nothing(artifacts: Artifacts, tmp_path: Path) -> None:
    write(tmp_path, {"secret/key": "k"})
    (tmp_path / "artifacts").symlink_to(tmp_path / "secret")

    assert artifacts.keep("job", tmp_path / "artifacts") == []

    assert artifacts.sizes("job") == {}


def test_pipes_and_devices_are_not_read(artifacts: Artifacts, tmp_path: Path) -> None:
    write(tmp_path, {"own": "o"})
    os.mkfifo(tmp_path / "pipe")
    if os.geteuid() == 0:
        os.mknod(tmp_path / "zero", 0o666 | stat.S_IFCHR, os.makedev(1, 5))

    assert artifacts.keep("job", tmp_path) == []

    assert artifacts.sizes("job") == {"own": 1}


def test_thousands_of_empty_files_are_too_many(artifacts: Artifacts, tmp_path: Path) -> None:
    for number in range(1200):
        (tmp_path / f"{number:04}").touch()

    assert artifacts.keep("job", tmp_path) == [f"{number:04}" for number in range(1000, 1200)]

    assert len(artifacts.sizes("job")) == 1000
