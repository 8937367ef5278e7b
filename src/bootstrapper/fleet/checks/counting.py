"""From results to health: how many in a row, since when, and in words why. Pure.

A service that has never passed is starting: nobody sends to it, so it may take its grace. The
first good result ends the grace, because one that has served and fails now has not just begun.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bootstrapper.fleet.values import Check, Health

NO_CHECK = "it has no check"


@dataclass(frozen=True, slots=True)
class Result:
    """What one question brought, in words."""

    passed: bool
    why: str


@dataclass(frozen=True, slots=True)
class Count:
    """`started`: when this service was first seen, on the clock of `now`; `age`: seconds from then
    to the last result. `served`: it has passed before. `good` and `bad` are results in a row,
    counted no further than they matter.
    """

    started: float
    age: float = 0.0
    health: Health = Health.STARTING
    good: int = 0
    bad: int = 0
    served: bool = False
    why: str = "not checked yet"


def begun(check: Check, now: float) -> Count:
    """Of a check that was never asked."""
    if check.passing:
        return Count(now, health=Health.PASSING, why="taken to pass until it was asked")
    return Count(now)


def count(state: Count, result: Result, check: Check, now: float) -> Count:
    older = replace(state, age=max(0.0, now - state.started))
    return _better(older, result, check) if result.passed else _worse(older, result, check)


def verdict(counts: Sequence[Count]) -> tuple[Health, str]:
    """All checks of one service together: it passes when each does."""
    if not counts:
        return Health.PASSING, NO_CHECK
    for health in (Health.FAILING, Health.STARTING):
        if whys := [each.why for each in counts if each.health is health]:
            return health, "; ".join(whys)
    return Health.PASSING, "; ".join(each.why for each in counts)


def _better(state: Count, result: Result, check: Check) -> Count:
    good = min(state.good + 1, check.rise)
    if good == check.rise:
        return replace(state, health=Health.PASSING, good=good, bad=0, served=True, why=result.why)
    return replace(state, good=good, bad=0, why=_so_far(result, good, check.rise))


def _worse(state: Count, result: Result, check: Check) -> Count:
    if not state.served and state.age < check.grace:
        why = f"{result.why} (it may take {check.grace:g} s to start)"
        return replace(state, good=0, bad=0, why=why)
    bad = min(state.bad + 1, check.fall)
    if bad == check.fall and (state.served or state.age >= soonest(check)):
        return replace(state, health=Health.FAILING, good=0, bad=bad, why=result.why)
    return replace(state, good=0, bad=bad, why=_so_far(result, bad, check.fall))


def soonest(check: Check) -> float:
    """Seconds until one that never passed may be called failing: it is asked more often than every
    `interval`, and shall have no less time for that.
    """
    return check.grace + (check.fall - 1) * check.interval


def _so_far(result: Result, times: int, of: int) -> str:
    return f"{result.why} ({times} of {of} times in a row)"
