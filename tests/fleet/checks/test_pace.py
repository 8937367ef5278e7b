"""When to ask next: soon while a service starts, in no step with others, and never in a burst."""

import pytest

from bootstrapper.fleet.checks.counting import Count
from bootstrapper.fleet.checks.pace import Awake, first_pause, pause
from bootstrapper.fleet.values import Check

TCP = Check(kind="tcp", interval=0.5)
COMMAND = Check(kind="command", target=("true",), interval=5.0)


@pytest.mark.parametrize(
    ("check", "together", "chance", "expected"),
    [
        (TCP, 1, 0.9, 0.0),  # a lone newcomer waits for nobody
        (TCP, 101, 0.5, 0.1),
        (TCP, 101, 1.0, 0.2),
        (TCP, 10_000, 1.0, 0.5),  # never longer than between two questions
    ],
)
def test_newcomers_are_spread(check: Check, together: int, chance: float, expected: float) -> None:
    assert first_pause(check, together, chance) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("check", "age", "served", "expected"),
    [
        (TCP, 0.0, False, 0.05),
        (TCP, 0.4, False, 0.1),
        (TCP, 60.0, False, 0.5),
        (TCP, 0.0, True, 0.5),
        (Check(kind="tcp", interval=0.02), 0.0, False, 0.02),
        (COMMAND, 0.0, False, 0.25),
        (COMMAND, 60.0, True, 5.0),
    ],
)
def test_who_starts_is_asked_more_often(
    check: Check, age: float, served: bool, expected: float
) -> None:
    state = Count(0.0, age=age, served=served)
    assert pause(check, state, 0.5) == pytest.approx(expected)
    assert pause(check, state, 0.0) == pytest.approx(expected * 0.9)
    assert pause(check, state, 1.0) == pytest.approx(expected * 1.1)


def test_time_in_which_we_did_not_run_does_not_count() -> None:
    clock = Awake()
    clock._last -= 5.0  # as if the machine had stood still for 5 s
    before = clock.now()
    assert clock.woke(0.25) == pytest.approx(before - 4.75, abs=0.1)
    assert clock.woke(0.25) == pytest.approx(before - 4.75, abs=0.1)
