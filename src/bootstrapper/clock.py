"""The clock, and how times are written: RFC 3339 in UTC, with milliseconds."""

from datetime import UTC, datetime

from bootstrapper.errors import Mistake


def utc_now() -> datetime:
    return datetime.now(UTC)


def to_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_text(text: str, *, field: str = "") -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise Mistake(f"{text!r} names no time zone: write …Z for UTC", field=field)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):  # the first and the last year have no room for a zone
        raise Mistake(f"{text!r} is not an RFC 3339 time", field=field) from None
