"""time.Time of Go and its layouts: `{{datetime.Format "2006-01-02"}}`."""

import re
from typing import TYPE_CHECKING

from bootstrapper.templates.gotemplate import Function, Kind, Struct, Type

if TYPE_CHECKING:
    from datetime import datetime

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DEFAULT = "2006-01-02 15:04:05.999999999 -0700 MST"
LAYOUT = (
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|2006|01|02|03|04|05|06|002|15|__2|_2(?!006)"
    r"|PM|pm|Z070000|Z07:00:00|Z0700|Z07:00|Z07|-070000|-07:00:00|-0700|-07:00|-07"
    r"|[.,](?:0+|9+)(?!\d)|1|2|3|4|5"
)


METHODS: dict[str, Function] = {}
TIME = Type(Kind.STRUCT, "time.Time", methods=METHODS, named=True)


class Time(Struct):
    __slots__ = ("moment",)
    go_type = TIME

    def __init__(self, moment: "datetime") -> None:
        self.moment = moment

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Time) and self.moment == other.moment

    def __hash__(self) -> int:
        return hash(self.moment)


def now() -> Time:
    from datetime import UTC, datetime  # noqa: PLC0415

    return Time(datetime.now(UTC).astimezone())


def layout(time: Time, form: str) -> str:
    """Go's layouts: the parts of its reference time stand for the parts of this one."""
    return re.sub(LAYOUT, lambda found: _part(time.moment, found[0]), form)


def _part(at: "datetime", part: str) -> str:
    if part[0] in "Z-":
        return _offset(at, part)
    if part[0] in ".,":
        return _fraction(at, part)
    twelve = at.hour % 12 or 12
    day_of_year = at.timetuple().tm_yday
    match part:
        case "January":
            return MONTHS[at.month - 1]
        case "Jan":
            return MONTHS[at.month - 1][:3]
        case "Monday":
            return DAYS[at.weekday()]
        case "Mon":
            return DAYS[at.weekday()][:3]
        case "MST":
            return at.tzname() or ""
        case "PM" | "pm":
            word = "PM" if at.hour >= 12 else "AM"  # noqa: PLR2004
            return word if part == "PM" else word.lower()
    numbers: dict[str, str] = {
        "2006": f"{at.year:04}",
        "06": f"{at.year % 100:02}",
        "01": f"{at.month:02}",
        "1": f"{at.month}",
        "02": f"{at.day:02}",
        "_2": f"{at.day:2}",
        "2": f"{at.day}",
        "002": f"{day_of_year:03}",
        "__2": f"{day_of_year:3}",
        "15": f"{at.hour:02}",
        "03": f"{twelve:02}",
        "3": f"{twelve}",
        "04": f"{at.minute:02}",
        "4": f"{at.minute}",
        "05": f"{at.second:02}",
        "5": f"{at.second}",
    }
    return numbers[part]


def _offset(at: "datetime", part: str) -> str:
    offset = at.utcoffset()
    seconds = int(offset.total_seconds()) if offset else 0
    if part[0] == "Z" and not seconds:
        return "Z"
    sign = "-" if seconds < 0 else "+"
    minutes, second = divmod(abs(seconds), 60)
    hour, minute = divmod(minutes, 60)
    form = part[1:]
    text = f"{hour:02}"
    if len(form) > len("07"):
        text += f"{':' if ':' in form else ''}{minute:02}"
    if form in {"070000", "07:00:00"}:
        text += f"{':' if ':' in form else ''}{second:02}"
    return sign + text


def _fraction(at: "datetime", part: str) -> str:
    digits = f"{at.microsecond:06}000"[: len(part) - 1]
    if part[1] == "9":
        digits = digits.rstrip("0")
        return part[0] + digits if digits else ""
    return part[0] + digits
