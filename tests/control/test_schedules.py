from datetime import UTC, datetime

import pytest

from bootstrapper.control.schedules import following
from bootstrapper.errors import Mistake


@pytest.mark.parametrize(
    ("cron", "zone", "after", "expected"),
    [
        pytest.param("0 3 * * *", "UTC", "2026-01-01T02:59", "2026-01-01T03:00", id="today"),
        pytest.param("0 3 * * *", "UTC", "2026-01-01T03:00", "2026-01-02T03:00", id="not now"),
        pytest.param("*/15 * * * *", "UTC", "2026-01-01T02:46", "2026-01-01T03:00", id="quarters"),
        pytest.param("0 3 * * 1", "UTC", "2026-01-01T00:00", "2026-01-05T03:00", id="on Monday"),
        pytest.param(
            "0 3 * * *", "Europe/Berlin", "2026-01-01T00:00", "2026-01-01T02:00", id="in its zone"
        ),
        pytest.param(
            "0 3 * * *", "Europe/Berlin", "2026-07-01T00:00", "2026-07-01T01:00", id="in summer"
        ),
        pytest.param("0 0 29 2 *", "UTC", "2026-01-01T00:00", "2028-02-29T00:00", id="leap day"),
    ],
)
def test_the_first_time_after(cron: str, zone: str, after: str, expected: str) -> None:
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)

    assert following(cron, zone, moment) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_a_time_that_summer_time_leaves_out_is_not_missed() -> None:
    """2026-03-29 has no 02:30 in Berlin: it goes at the next moment there is."""
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)

    found = following("30 2 * * *", "Europe/Berlin", before)

    assert datetime(2026, 3, 29, 0, 30, tzinfo=UTC) <= found <= datetime(2026, 3, 29, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "zone", "field"),
    [
        ("0 3 * *", "UTC", "cron"),
        ("0 3 * * * *", "UTC", "cron"),
        ("61 3 * * *", "UTC", "cron"),
        ("a b c d e", "UTC", "cron"),
        ("0 0 31 2 *", "UTC", "cron"),
        ("0 3 * * *", "Mars/Olympus", "zone"),
        ("0 3 * * *", "../etc/passwd", "zone"),
        ("0 3 * * *", "", "zone"),
    ],
)
def test_what_no_calendar_has_is_a_mistake(cron: str, zone: str, field: str) -> None:
    with pytest.raises(Mistake) as caught:
        following(cron, zone, datetime(2026, 1, 1, tzinfo=UTC))

    assert caught.value.field == field
