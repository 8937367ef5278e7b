"""Times and durations as people read them. Pure."""

from datetime import datetime

from bootstrapper.clock import from_text

MINUTE, HOUR, DAY = 60, 3600, 86400


def seconds_between(start: str | None, end: str | None) -> float | None:
    if not start or not end:
        return None
    return (from_text(end) - from_text(start)).total_seconds()


def duration(seconds: float | None) -> str:
    """`0.4s`, `12s`, `3m 20s`, `2h 5m`, `4d 1h`; empty when not known."""
    if seconds is None:
        return ""
    seconds = max(seconds, 0.0)
    if seconds < MINUTE:
        return f"{seconds:.1f}s" if seconds < 10 else f"{seconds:.0f}s"  # noqa: PLR2004
    for unit, name, below, small in ((DAY, "d", HOUR, "h"), (HOUR, "h", MINUTE, "m")):
        if seconds >= unit:
            rest = int(seconds % unit) // below
            return f"{int(seconds) // unit}{name}" + (f" {rest}{small}" if rest else "")
    rest = int(seconds) % MINUTE
    return f"{int(seconds) // MINUTE}m" + (f" {rest}s" if rest else "")


def ago(at: str | None, now: datetime) -> str:
    return f"{duration((now - from_text(at)).total_seconds())} ago" if at else ""


def when(at: str | None) -> str:
    """To the second, in UTC."""
    return f"{from_text(at):%Y-%m-%d %H:%M:%S} UTC" if at else ""
