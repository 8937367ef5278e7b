"""The operator's commands: their paths, their failures, their time."""

from pathlib import Path

import pytest

from bootstrapper.errors import Refused
from bootstrapper.templates.shell import fill, run


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("haproxy -c -f {{.src}}", "haproxy -c -f '/tmp/a b'"),
        ("cp {{ .src }} {{.dest}}", "cp '/tmp/a b' /etc/x"),
        ("echo {{.other}}", "echo {{.other}}"),
    ],
)
def test_paths_are_filled_in_quoted(command: str, line: str) -> None:
    assert fill(command, Path("/tmp/a b"), Path("/etc/x")) == line


def test_a_command_that_succeeds_is_silent() -> None:
    run("check_cmd", "true && echo fine", 5)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("exit 3", "check_cmd exited 3$"),
        ("echo bad line 7 >&2; false", "check_cmd exited 1: bad line 7"),
        ("kill -9 $$", "check_cmd ended by signal 9"),
        ("no-such-program-here", "check_cmd exited 127: .*not found"),
    ],
)
def test_a_failure_is_told_with_the_commands_last_words(command: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        run("check_cmd", command, 5)


def test_what_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"took longer than 0\.3 s"):
        run("reload_cmd", f"(sleep 30; touch {tmp_path}/late) & sleep 30", 0.3)


def test_a_daemon_that_it_leaves_behind_does_not_hold_it_up() -> None:
    run("reload_cmd", "sleep 5 & exit 0", 2)
