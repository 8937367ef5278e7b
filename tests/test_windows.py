from datetime import UTC, datetime

import pytest

from bootstrapper.errors import Mistake
from bootstrapper.windows import Window, zone_named

OFFICE = Window(days=("mon", "tue", "wed", "thu", "fri"), start=9 * 60, end=17 * 60)
NIGHT = Window(days=("fri",), start=22 * 60, end=2 * 60)
BERLIN = Window(days=("mon",), start=9 * 60, end=17 * 60, zone="Europe/Berlin")
TOKYO = Window(days=("tue",), start=0, end=60, zone="Asia/Tokyo")


@pytest.mark.parametrize(
    ("window", "at", "holds"),
    [
        pytest.param(OFFICE, "2026-01-05T09:00", True, id="its first minute"),
        pytest.param(OFFICE, "2026-01-05T08:59", False, id="a minute too early"),
        pytest.param(OFFICE, "2026-01-05T16:59", True, id="its last minute"),
        pytest.param(OFFICE, "2026-01-05T17:00", False, id="its end is not in it"),
        pytest.param(OFFICE, "2026-01-10T12:00", False, id="a Saturday"),
        pytest.param(Window(), "2026-01-10T23:59", True, id="no bounds at all"),
        pytest.param(NIGHT, "2026-01-09T23:00", True, id="before midnight"),
        pytest.param(NIGHT, "2026-01-10T01:59", True, id="after midnight, the day after it began"),
        pytest.param(NIGHT, "2026-01-10T02:00", False, id="its end on the next day"),
        pytest.param(NIGHT, "2026-01-09T01:00", False, id="the night of the day before"),
        pytest.param(NIGHT, "2026-01-10T23:00", False, id="the evening of the day after"),
        pytest.param(BERLIN, "2026-01-05T08:00", True, id="nine in Berlin in winter"),
        pytest.param(BERLIN, "2026-01-05T07:59", False, id="not yet nine in Berlin in winter"),
        pytest.param(BERLIN, "2026-07-06T07:00", True, id="nine in Berlin in summer"),
        pytest.param(BERLIN, "2026-07-06T15:00", False, id="five in Berlin in summer"),
        pytest.param(TOKYO, "2026-01-05T15:30", True, id="already Tuesday in Tokyo"),
        pytest.param(TOKYO, "2026-01-06T00:30", False, id="no longer midnight in Tokyo"),
    ],
)
def test_window(window: Window, at: str, holds: bool) -> None:
    assert (datetime.fromisoformat(at).replace(tzinfo=UTC) in window) is holds


@pytest.mark.parametrize("name", ["", "Europe", "Europe/Atlantis", "../etc/passwd", "a\0b", "/"])
def test_what_is_no_zone_is_a_mistake(name: str) -> None:
    with pytest.raises(Mistake, match="no IANA time zone"):
        zone_named(name)


def test_utc_needs_no_zone_files() -> None:
    assert zone_named("UTC") is UTC
