"""How long to wait before trying again: longer each time, and never all at the same moment."""

import random
from collections.abc import Iterator
from itertools import count

DOUBLINGS = 30
"""More than any cap needs, and few enough for a float."""


def delay(attempt: int, chance: float, *, first: float, cap: float) -> float:
    """Seconds before try number `attempt` (from 0): half of it sure, half by `chance` (0 to 1).

    It doubles from `first` and never passes `cap`, so an outage costs next to nothing, and those
    who lost a store together do not come back together.
    """
    longest = min(cap, first * 2.0 ** min(attempt, DOUBLINGS))
    return longest * (0.5 + 0.5 * chance)


def delays(*, first: float = 0.1, cap: float = 2.0) -> Iterator[float]:
    """The delays of one outage; begin anew when it is over."""
    return (delay(attempt, random.random(), first=first, cap=cap) for attempt in count())
