"""When to ask next. `chance` is a number from 0 to 1: no two services shall march in step.

`Awake` is the clock of all that: time in which this process did not run is no time that a service
had to answer, so a machine that stalls does not find all its services failing.
"""

import time

from bootstrapper.fleet.checks.counting import Count
from bootstrapper.fleet.values import Check

SPREAD = 0.002  # seconds between the first questions to services that came together
FIRST = 0.05  # seconds
FIRST_COMMAND = 0.25  # a process costs more than a connection
SHARE = 0.25  # of the time that it has been starting: so it is seen that late at most
JITTER = 0.1
STALL = 0.1  # seconds that a turn is late before it counts as none


def first_pause(check: Check, together: int, chance: float) -> float:
    """A lone newcomer is asked at once, two hundred of them one after the other."""
    return chance * min(check.interval, SPREAD * (together - 1))


def pause(check: Check, state: Count, chance: float) -> float:
    """Seconds from one question to the next. One that is starting is asked more often."""
    return _middle(check, state) * (1 - JITTER + 2 * JITTER * chance)


def _middle(check: Check, state: Count) -> float:
    if state.served:
        return check.interval
    first = FIRST_COMMAND if check.kind == "command" else FIRST
    return min(check.interval, max(first, SHARE * state.age))


class Awake:
    """Of one loop: `woke` after each wait, with the seconds that it was meant to last at most."""

    def __init__(self) -> None:
        self._stalled = 0.0
        self._last = time.monotonic()

    def now(self) -> float:
        return time.monotonic() - self._stalled

    def woke(self, seconds: float) -> float:
        """The time now."""
        now = time.monotonic()
        late = now - self._last - seconds
        if late > STALL:
            self._stalled += late
        self._last = now
        return now - self._stalled
