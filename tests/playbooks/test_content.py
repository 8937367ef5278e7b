"""The content at a commit: which one is meant, and that it is fetched once and never changed."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bootstrapper.errors import Mistake, Refused, Unavailable
from bootstrapper.playbooks.content import FOLDER, check_out, content_dir, look, newest, prune
from bootstrapper.settings import Content, Settings
from playbooks.repository import commit, git, write
from support.services import need


@pytest.fixture(autouse=True)
def _git() -> None:
    need("git")


def a_folder(tmp_path: Path) -> Settings:
    write(tmp_path / "files", {"site.yml": "[]", "roles/a/tasks/main.yml": "[]", "run": "#!"})
    return Settings(state=str(tmp_path / "state"), content=Content(path=str(tmp_path / "files")))


def a_repository(tmp_path: Path, ref: str = "HEAD") -> Settings:
    content = Content(git=str(tmp_path / "origin"), ref=ref)
    return Settings(state=str(tmp_path / "state"), content=content)


# — a plain folder —


def _edit(root: Path) -> None:
    (root / "site.yml").write_text("[ ]")


def _add(root: Path) -> None:
    (root / "roles/a/tasks/more.yml").write_text("")


def _rename(root: Path) -> None:
    (root / "site.yml").rename(root / "other.yml")


def _make_executable(root: Path) -> None:
    (root / "run").chmod(0o755)


def _link(root: Path) -> None:
    (root / "link").symlink_to("site.yml")


def _link_a_folder(root: Path) -> None:
    (root / "more").symlink_to("roles")


def _add_by_another_name(root: Path) -> None:
    with open(os.fsencode(root) + b"/caf\xe9", "wb"):  # a name that is not UTF-8
        pass


@pytest.mark.parametrize(
    "change", [_add_by_another_name, _edit, _add, _rename, _make_executable, _link, _link_a_folder]
)
def test_a_changed_folder_is_another_commit(tmp_path: Path, change: Callable[[Path], None]) -> None:
    settings = a_folder(tmp_path)
    before = newest(settings)

    change(tmp_path / "files")

    assert before.startswith(FOLDER)
    assert newest(settings) != before
    assert newest(settings) == newest(settings)


def test_a_pipe_in_the_folder_is_a_mistake_and_not_waited_for(tmp_path: Path) -> None:
    settings = a_folder(tmp_path)
    os.mkfifo(tmp_path / "files" / "pipe")

    with pytest.raises(Mistake, match="pipe is neither a file nor a folder"):
        newest(settings)


def test_what_runs_leave_behind_is_no_change(tmp_path: Path) -> None:
    settings = a_folder(tmp_path)
    before = newest(settings), look(settings)

    write(tmp_path / "files", {".git/HEAD": "x", "site.retry": "x", "roles/__pycache__/a": "x"})

    assert (newest(settings), look(settings)) == before


def test_a_look_tells_a_file_that_was_written_again(tmp_path: Path) -> None:
    settings = a_folder(tmp_path)
    before = look(settings)

    os.utime(tmp_path / "files/site.yml", ns=(1, 1))

    assert look(settings) != before


def test_a_checkout_is_a_copy_that_later_edits_do_not_reach(tmp_path: Path) -> None:
    settings = a_folder(tmp_path)
    checkout = check_out(settings, newest(settings))

    write(tmp_path / "files", {"site.yml": "changed"})

    assert (checkout.project / "site.yml").read_text() == "[]"
    assert (check_out(settings, newest(settings)).project / "site.yml").read_text() == "changed"
    assert (checkout.project / "site.yml").read_text() == "[]"


@pytest.mark.parametrize(
    ("content", "field"),
    [
        pytest.param(Content(), "content", id="none is set"),
        pytest.param(Content(path="/nowhere/at/all"), "content.path", id="no folder"),
    ],
)
def test_content_that_is_not_there_is_a_mistake(content: Content, field: str) -> None:
    with pytest.raises(Mistake) as caught:
        newest(Settings(content=content))

    assert caught.value.field == field


# — a repository —


def test_a_branch_a_tag_and_a_commit_are_refs(tmp_path: Path) -> None:
    origin = tmp_path / "origin"
    first = commit(origin, {"site.yml": "1"})
    git(origin, "tag", "-am", "one", "v1")
    second = commit(origin, {"site.yml": "2"})
    git(origin, "checkout", "-qb", "feature/x")
    third = commit(origin, {"site.yml": "3"})
    git(origin, "checkout", "-q", "main")
    settings = a_repository(tmp_path)

    refs = ("", "main", "v1", "feature/x", first, third[:12])

    assert [newest(settings, ref) for ref in refs] == [second, second, first, third, first, third]
    assert newest(a_repository(tmp_path, ref="feature/x")) == third


def test_a_branch_that_moved_is_at_its_new_commit(tmp_path: Path) -> None:
    origin = tmp_path / "origin"
    first = commit(origin, {"site.yml": "1"})
    settings = a_repository(tmp_path)
    assert newest(settings) == first

    git(origin, "commit", "-q", "--amend", "-m", "rewritten")

    assert newest(settings) == git(origin, "rev-parse", "HEAD") != first


@pytest.mark.parametrize("ref", ["nowhere", "main:site.yml", "a..b", "--upload-pack=x", "a\0b"])
def test_what_is_no_ref_is_a_mistake(tmp_path: Path, ref: str) -> None:
    commit(tmp_path / "origin", {"site.yml": "1"})

    with pytest.raises(Mistake) as caught:
        newest(a_repository(tmp_path), ref)

    assert caught.value.field == "ref"


def test_a_repository_that_is_not_there_is_refused_in_gits_words(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"^git: .*origin"):
        newest(a_repository(tmp_path))


@pytest.mark.parametrize("url", ["ext::touch made", "-u x", "--upload-pack=touch made"])
def test_no_url_runs_a_program(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises((Refused, Mistake)):
        newest(Settings(state=str(tmp_path / "state"), content=Content(git=url)))

    assert not (tmp_path / "made").exists()


def test_what_was_fetched_once_needs_no_origin(tmp_path: Path) -> None:
    settings = a_repository(tmp_path)
    first = commit(tmp_path / "origin", {"site.yml": "1"})
    second = commit(tmp_path / "origin", {"site.yml": "2"})
    newest(settings)

    shutil.rmtree(tmp_path / "origin")

    for each, text in ((first, "1"), (second, "2")):
        assert (check_out(settings, each).project / "site.yml").read_text() == text


def test_another_machine_fetches_the_commit_that_it_is_told(tmp_path: Path) -> None:
    first = commit(tmp_path / "origin", {"site.yml": "1"})
    commit(tmp_path / "origin", {"site.yml": "2"})

    checkout = check_out(a_repository(tmp_path), first)

    assert (checkout.project / "site.yml").read_text() == "1"


def test_a_checkout_that_is_there_is_left_alone(tmp_path: Path) -> None:
    settings = a_repository(tmp_path)
    first = commit(tmp_path / "origin", {"site.yml": "1"})
    checkout = check_out(settings, first)
    times = [path.stat().st_mtime_ns for path in checkout.root.rglob("*")]

    commit(tmp_path / "origin", {"site.yml": "2"})
    newest(settings)

    assert check_out(settings, first) == checkout
    assert [path.stat().st_mtime_ns for path in checkout.root.rglob("*")] == times


def test_a_failed_checkout_leaves_nothing(tmp_path: Path) -> None:
    settings = a_repository(tmp_path)
    commit(tmp_path / "origin", {"site.yml": "1"})

    with pytest.raises(Refused, match="git: "):
        check_out(settings, "0" * 40)

    assert [path.name for path in content_dir(settings).iterdir()] == ["mirror.git"]


# — room —


@pytest.mark.parametrize("kind", [a_folder, a_repository])
def test_a_disk_that_takes_nothing_is_a_matter_of_waiting(
    tmp_path: Path, kind: Callable[[Path], Settings]
) -> None:
    (tmp_path / "state").write_text("no folder can be made below this")
    settings = kind(tmp_path)

    with pytest.raises(Unavailable, match="content cannot be"):
        check_out(settings, newest(settings))


def test_pruning_keeps_the_newest_and_what_is_needed(tmp_path: Path) -> None:
    settings = Settings(state=str(tmp_path))
    root = content_dir(settings)
    for age, name in enumerate(("new", "newish", "old", "older", "oldest")):
        (root / name).mkdir(parents=True)
        os.utime(root / name, (1000 - age, 1000 - age))
    for name in ("mirror.git", ".new-x"):
        (root / name).mkdir()
        os.utime(root / name, (1, 1))

    prune(settings, {"older"}, most=2)

    left = {path.name for path in root.iterdir()}
    assert left == {"new", "newish", "older", "mirror.git", ".new-x"}


def test_there_may_be_nothing_to_prune(tmp_path: Path) -> None:
    prune(Settings(state=str(tmp_path / "none")), set())
