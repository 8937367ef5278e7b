"""When to act: at once after quiet, merged within a burst, later and later after failures. Pure."""

import msgspec

RETRY_FIRST = 0.5  # seconds until a failed reload is tried again; doubled each time


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds. `quiet`: how long a burst must pause; `most`: how long it may put a turn off."""

    quiet: float = 0.05
    most: float = 0.5
    retry_most: float = 60.0


class Burst(msgspec.Struct, frozen=True, kw_only=True):
    """Changes that no turn has looked at yet: when the first and the last of them came."""

    first: float
    last: float


def seen(burst: Burst | None, now: float) -> Burst:
    return Burst(first=burst.first if burst else now, last=now)


def due(pace: Pace, burst: Burst, last_change: float) -> float:
    """When the turn is due. `last_change`: of the change before this burst (-inf: none)."""
    if burst.first - last_change >= pace.quiet:
        return burst.first
    return min(burst.last + pace.quiet, burst.first + pace.most)


def retry_after(pace: Pace, failures: int, jitter: float) -> float:
    """Seconds to wait after so many failures; `jitter` in [0, 1) spreads a fleet's tries."""
    wait: float = min(pace.retry_most, RETRY_FIRST * 2 ** min(failures - 1, 20))
    return wait * (0.75 + jitter / 2)
