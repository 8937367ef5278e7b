"""The hours of the week in which a rule holds, on the wall clock of a place."""

import re
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import msgspec

from bootstrapper.errors import Mistake

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = 24 * 60


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """From `start` up to but without `end`, in minutes of the day.

    A window whose end is before its start ends on the next day; `days` are those it starts on.
    """

    days: tuple[str, ...] = DAYS
    start: int = 0
    end: int = MIDNIGHT
    zone: str = "UTC"

    def __contains__(self, now: datetime) -> bool:
        local = now.astimezone(zone_named(self.zone))
        minute = local.hour * 60 + local.minute
        today, yesterday = DAYS[local.weekday()], DAYS[local.weekday() - 1]
        if self.start < self.end:
            return today in self.days and self.start <= minute < self.end
        return (today in self.days and minute >= self.start) or (
            yesterday in self.days and minute < self.end
        )

    def __str__(self) -> str:
        return f"{','.join(self.days)} {_clock(self.start)}-{_clock(self.end)} {self.zone}"


def zone_named(name: str) -> tzinfo:
    """The IANA zone; UTC is known even where the system brings no zone files."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: "Europe" is a folder of zones
        raise Mistake(f"{name!r} is no IANA time zone (such as Europe/Berlin)") from None


def minute_from(text: str) -> int:
    """The minute of the day that `09:30` names; `24:00` is the end of it."""
    found = re.fullmatch(r"([0-9]{2}):([0-5][0-9])", text)
    minute = int(found[1]) * 60 + int(found[2]) if found else MIDNIGHT + 1
    if minute > MIDNIGHT:
        raise Mistake(f"{text!r} is no time of day: write 09:00")
    return minute


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
