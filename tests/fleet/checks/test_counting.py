"""Results in a row to health: tables of what came and what it means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.fleet.checks.counting import NO_CHECK, Count, Result, begun, count, verdict
from bootstrapper.fleet.values import Check, Health

STARTING, PASSING, FAILING = Health.STARTING, Health.PASSING, Health.FAILING
LETTERS = {STARTING: "s", PASSING: "P", FAILING: "F"}


def healths(check: Check, results: str, *, every: float = 0.5) -> str:
    """`+` and `-` in, a letter for the health after each out; the first one comes at once."""
    state, found = begun(check, 100.0), ""
    for number, each in enumerate(results):
        state = count(state, Result(each == "+", "it says so"), check, 100.0 + number * every)
        found += LETTERS[state.health]
    return found


@pytest.mark.parametrize(
    ("rise", "fall", "grace", "results", "expected"),
    [
        (1, 2, 0.0, "+", "P"),
        (1, 2, 0.0, "++-+-+", "PPPPPP"),
        (1, 2, 0.0, "+--", "PPF"),
        (1, 2, 0.0, "+--+", "PPFP"),
        (3, 2, 0.0, "+++", "ssP"),
        (3, 2, 0.0, "++-+++", "sssssP"),
        (3, 1, 0.0, "+++-+++", "ssPFFFP"),
        (1, 1, 0.0, "-", "F"),
        (1, 2, 0.0, "--", "sF"),
        (1, 3, 0.0, "---", "ssF"),
        (1, 2, 2.0, "------", "sssssF"),  # those at 0 to 1.5 s are within the grace
        (1, 2, 9.0, "---+", "sssP"),
        (1, 2, 9.0, "+--", "PPF"),  # it has served: the grace is over
        (2, 2, 9.0, "+-+-++", "sssssP"),
    ],
)
def test_health_follows_results_in_a_row(
    rise: int, fall: int, grace: float, results: str, expected: str
) -> None:
    check = Check(kind="tcp", rise=rise, fall=fall, grace=grace)
    assert healths(check, results) == expected


def test_one_that_is_taken_to_pass_does_so_until_its_results_say_otherwise() -> None:
    check = Check(kind="tcp", passing=True)

    assert begun(check, 0.0).health is PASSING
    assert begun(Check(kind="tcp"), 0.0).health is STARTING
    assert healths(check, "+--") == "PPF"
    assert healths(check, "--+") == "PFP"


def test_who_is_asked_more_often_at_first_has_no_less_time() -> None:
    check = Check(kind="tcp", interval=0.5, fall=3)
    assert healths(check, "-" * 20, every=0.1) == "s" * 10 + "F" * 10


def test_reasons_say_what_came_and_how_often() -> None:
    check = Check(kind="http", fall=2, grace=1.0)
    bad = Result(False, "GET /: 503 Service Unavailable")
    state = count(Count(0.0), bad, check, 0.5)
    assert state.why == "GET /: 503 Service Unavailable (it may take 1 s to start)"
    state = count(state, bad, check, 1.5)
    assert state.why == "GET /: 503 Service Unavailable (1 of 2 times in a row)"
    assert count(state, bad, check, 2.0).why == "GET /: 503 Service Unavailable"


def state(health: Health, why: str) -> Count:
    return Count(0.0, health=health, why=why)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([], (PASSING, NO_CHECK)),
        ([state(PASSING, "a"), state(PASSING, "b")], (PASSING, "a; b")),
        ([state(PASSING, "a"), state(FAILING, "b")], (FAILING, "b")),
        ([state(STARTING, "a"), state(FAILING, "b"), state(FAILING, "c")], (FAILING, "b; c")),
        ([state(STARTING, "a"), state(PASSING, "b")], (STARTING, "a")),
    ],
)
def test_several_checks_pass_when_each_does(
    counts: list[Count], expected: tuple[Health, str]
) -> None:
    assert verdict(counts) == expected


@given(
    st.integers(1, 4), st.integers(1, 4), st.floats(0, 3), st.text(alphabet="+-", max_size=40)
)  # fmt: skip
def test_no_health_changes_without_its_row(
    rise: int, fall: int, grace: float, results: str
) -> None:
    seen = healths(Check(kind="tcp", rise=rise, fall=fall, grace=grace), results)
    for number in range(len(results)):
        before = seen[number - 1] if number else "s"
        if seen[number] == before:
            continue
        row, sign = (rise, "+") if seen[number] == "P" else (fall, "-")
        assert results[: number + 1].endswith(sign * row)
