from pathlib import Path

import pytest

from bootstrapper.errors import Mistake, Refused, Unavailable
from bootstrapper.haproxy.answers import read_stat, read_states, row_of
from bootstrapper.haproxy.commands import Step
from bootstrapper.haproxy.socket import Socket
from haproxy.conftest import Start
from support.services import free_port


def test_each_command_has_its_answer(start: Start) -> None:
    haproxy = start("backend web\n server a 127.0.0.1:1 weight 3\n")
    socket = Socket(str(haproxy.socket))

    answers = socket.ask_all(["get weight web/a", "show info", "get weight web/b"] * 50)

    assert [x.strip() for x in answers[::3]] == ["3 (initial 3)"] * 50
    assert {"Pid: " in x for x in answers[1::3]} == {True}
    assert {x.strip() for x in answers[2::3]} == {"No such server."}


def test_it_tells_its_version_and_worker(start: Start) -> None:
    haproxy = start("backend web\n")
    info = Socket(str(haproxy.socket)).info()

    assert info.version == ((2, 6) if haproxy.binary.startswith("/usr") else (2, 8))
    assert info.pid == haproxy.worker()


def test_a_step_that_fails_is_refused_with_haproxys_words(start: Start) -> None:
    socket = Socket(str(start("backend web\n").socket))

    with pytest.raises(Refused, match="No such server"):
        socket.say(Step("set server web/a state ready"))


@pytest.mark.parametrize(
    "path", ["/nowhere/admin.sock", f"127.0.0.1:{free_port()}"], ids=["Unix", "TCP"]
)
def test_where_nobody_listens_it_is_unavailable(path: str) -> None:
    with pytest.raises(Unavailable):
        Socket(path, 0.5).ask("show info")


def test_two_commands_in_one_are_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(Mistake):
        Socket(str(tmp_path / "s")).ask("show info\nshow stat")


@pytest.mark.parametrize(
    "command", ["show info;show stat", "show servers state a <<", "é", "\udcff"]
)
def test_nor_does_a_name_begin_another_command(tmp_path: Path, command: str) -> None:
    with pytest.raises(Mistake):
        Socket(str(tmp_path / "admin.sock")).ask(command)


HEAD = "1\n# be_id be_name srv_id srv_name srv_addr srv_admin_state srv_uweight srv_port\n"


@pytest.mark.parametrize("text", [HEAD[:30], HEAD + "3 web 1 w1 127.0", HEAD + "3 w x w1 - 0 1 80"])
def test_an_answer_that_ends_in_the_middle_is_refused(text: str) -> None:
    """As when HAProxy is killed while it answers."""
    with pytest.raises(Refused):
        read_states(text)


def test_so_are_figures_that_end_in_the_middle() -> None:
    with pytest.raises(Refused):
        row_of(next(read_stat("# pxname,svname,sid,addr,status\nweb,w1,1")))
