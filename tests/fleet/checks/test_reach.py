"""A node does not rely on the server: it looks itself at what came from elsewhere."""

import pytest

from bootstrapper.fleet.checks.board import Board
from bootstrapper.fleet.checks.counting import Result
from bootstrapper.fleet.values import Check, Offer, Source

COMMAND = Check(kind="command", target=("true",))


def asked(source: Source, *, anywhere: bool = False) -> object:
    offer = Offer(
        service="web", id="w1", address="10.0.0.7", port=80, source=source, checks=(COMMAND,)
    )
    (watched,) = Board(anywhere=anywhere).set({"w1": offer})
    return watched.question


def test_a_command_of_the_api_is_not_run() -> None:
    found = asked("api")

    assert isinstance(found, Result)
    assert not found.passed
    assert "fleet.api_checks" in found.why


@pytest.mark.parametrize("source", ["static", "docker", "systemd", "run"])
def test_one_of_this_machine_is(source: Source) -> None:
    assert not isinstance(asked(source), Result)


def test_an_operator_may_let_the_api_do_it() -> None:
    assert not isinstance(asked("api", anywhere=True), Result)
