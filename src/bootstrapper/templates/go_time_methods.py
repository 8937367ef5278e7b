"""The methods of time.Time that have one result, and the types that they give.

A month and a weekday are numbers that print as their names; a duration counts nanoseconds.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bootstrapper.templates.go_time import DAYS, DEFAULT, METHODS, MONTHS, TIME, Time, layout, now
from bootstrapper.templates.gotemplate import BOOL, INT, STRING, Fault, Function, Kind, Scalar, Type

if TYPE_CHECKING:
    from datetime import datetime, timedelta

INT64 = Type(Kind.INT, "int64")
NANOSECOND, MICROSECOND, SECOND = 1, 1000, 10**9
LONGEST = 2**63


def _named(name: str, string: Callable[[Any], str]) -> Type:
    methods = {"String": Function(string, (), STRING)}
    return Type(Kind.INT, name, methods=methods, named=True)


def span(nanoseconds: int) -> str:
    """As Go writes a duration: 1h2m3.5s, 1.5ms, 0s."""
    sign, rest = ("-", -nanoseconds) if nanoseconds < 0 else ("", nanoseconds)
    for unit, size in (("ns", NANOSECOND), ("µs", MICROSECOND), ("ms", 1000 * MICROSECOND)):
        if 0 < rest < 1000 * size:
            return f"{sign}{_decimal(rest, size)}{unit}"
    minutes, rest = divmod(rest, 60 * SECOND)
    hours, minutes = divmod(minutes, 60)
    lead = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{sign}{lead}{_decimal(rest, SECOND)}s"


def _decimal(value: int, size: int) -> str:
    whole, part = divmod(value, size)
    digits = f"{part:0{len(str(size)) - 1}}".rstrip("0") if part else ""
    return f"{whole}.{digits}" if digits else str(whole)


MONTH = _named("time.Month", lambda month: MONTHS[month.value - 1])
WEEKDAY = _named("time.Weekday", lambda day: DAYS[day.value - 1])
DURATION = _named("time.Duration", lambda duration: span(duration.value))
DURATION.methods = {
    **DURATION.methods,
    "Microseconds": Function(lambda of: _long(_towards_zero(of.value, MICROSECOND)), (), INT64),
    "Milliseconds": Function(lambda of: _long(_towards_zero(of.value, 10**6)), (), INT64),
    "Nanoseconds": Function(lambda of: _long(of.value), (), INT64),
}


def _towards_zero(value: int, size: int) -> int:
    return abs(value) // size * (-1 if value < 0 else 1)


def _long(value: int) -> Scalar:
    return Scalar(INT64, value)


def _unix(time: Time, size: int) -> Scalar:
    return _long(_since_epoch(time.moment) // size)


def _since_epoch(moment: "datetime") -> int:
    from datetime import UTC, datetime  # noqa: PLC0415

    return _nanoseconds(moment - datetime(1970, 1, 1, tzinfo=UTC))


def _nanoseconds(delta: "timedelta") -> int:
    return (delta.days * 86400 + delta.seconds) * SECOND + delta.microseconds * MICROSECOND


def _sub(time: Time, other: Time) -> Scalar:
    between = _nanoseconds(time.moment - other.moment)
    return Scalar(DURATION, max(-LONGEST, min(between, LONGEST - 1)))


def _add(time: Time, duration: Scalar) -> Time:
    from datetime import timedelta  # noqa: PLC0415

    return _moved(time, timedelta(microseconds=duration.value // MICROSECOND))


def _moved(time: Time, delta: "timedelta") -> Time:
    """By so much of absolute time, in the same zone."""
    from datetime import UTC  # noqa: PLC0415

    try:
        moved = time.moment.astimezone(UTC) + delta
        return Time(moved.astimezone(time.moment.tzinfo))
    except OverflowError:
        raise Fault("time out of range") from None


def _add_date(time: Time, years: int, months: int, days: int) -> Time:
    """Months first, then days: the 31st of a shorter month runs into the next."""
    from datetime import timedelta  # noqa: PLC0415

    count = (time.moment.year + years) * 12 + time.moment.month - 1 + months
    try:
        first = time.moment.replace(year=count // 12, month=count % 12 + 1, day=1)
        return Time(first + timedelta(days=time.moment.day - 1 + days))
    except (OverflowError, ValueError):
        raise Fault("time out of range") from None


def _number(read: str) -> Function:
    return Function(lambda time: getattr(time.moment, read), (), INT)


def _local(time: Time) -> Time:
    return Time(time.moment.astimezone())


def _utc(time: Time) -> Time:
    from datetime import UTC  # noqa: PLC0415

    return Time(time.moment.astimezone(UTC))


NOW = Function(now, (), TIME)
"""`datetime` itself: who knows it knows the methods."""

METHODS.update(
    {
        "Add": Function(_add, (DURATION,), TIME),
        "AddDate": Function(_add_date, (INT, INT, INT), TIME),
        "After": Function(lambda time, other: time.moment > other.moment, (TIME,), BOOL),
        "Before": Function(lambda time, other: time.moment < other.moment, (TIME,), BOOL),
        "Day": _number("day"),
        "Equal": Function(lambda time, other: time.moment == other.moment, (TIME,), BOOL),
        "Format": Function(layout, (STRING,), STRING),
        "Hour": _number("hour"),
        "IsDST": Function(lambda time: bool(time.moment.dst()), (), BOOL),
        "IsZero": Function(lambda time: False, (), BOOL),
        "Local": Function(_local, (), TIME),
        "Minute": _number("minute"),
        "Month": Function(lambda time: Scalar(MONTH, time.moment.month), (), MONTH),
        "Nanosecond": Function(lambda time: time.moment.microsecond * 1000, (), INT),
        "Second": _number("second"),
        "String": Function(lambda time: layout(time, DEFAULT), (), STRING),
        "Sub": Function(_sub, (TIME,), DURATION),
        "UTC": Function(_utc, (), TIME),
        "Unix": Function(lambda time: _unix(time, SECOND), (), INT64),
        "UnixMicro": Function(lambda time: _unix(time, MICROSECOND), (), INT64),
        "UnixMilli": Function(lambda time: _unix(time, 1000 * MICROSECOND), (), INT64),
        "UnixNano": Function(lambda time: _unix(time, NANOSECOND), (), INT64),
        "Weekday": Function(
            lambda time: Scalar(WEEKDAY, time.moment.isoweekday() % 7), (), WEEKDAY
        ),
        "Year": _number("year"),
        "YearDay": Function(lambda time: time.moment.timetuple().tm_yday, (), INT),
    }
)
