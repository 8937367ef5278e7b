from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.control.schedules import Schedule, Schedules, following
from bootstrapper.errors import Mistake, Unknown
from bootstrapper.redis_link import Client


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


@pytest.mark.parametrize(
    ("cron", "zone", "after", "expected"),
    [
        pytest.param(
            "30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", "2026-10-25T00:30", id="first of two"
        ),
        pytest.param(
            "0 3 * * *", "Europe/Berlin", "2026-03-28T12:00", "2026-03-29T01:00", id="after the gap"
        ),
        pytest.param(
            "0 3 * * *", "Europe/Berlin", "2026-10-24T12:00", "2026-10-25T02:00", id="after two"
        ),
        pytest.param(
            "30 9 * * *", "Asia/Kolkata", "2026-01-01T00:00", "2026-01-01T04:00", id="half an hour"
        ),
        pytest.param("0 0 1 1 *", "UTC", "2026-01-01T00:00", "2027-01-01T00:00", id="the year"),
        pytest.param("0  0 * * *", "UTC", "2026-01-01T12:00", "2026-01-02T00:00", id="two spaces"),
    ],
)
def test_a_zone_keeps_its_own_clock(cron: str, zone: str, after: str, expected: str) -> None:
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)

    assert following(cron, zone, moment) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_an_hour_that_comes_twice_is_one_time_for_a_daily_line() -> None:
    first = following("30 2 * * *", "Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC))

    second = following("30 2 * * *", "Europe/Berlin", first)

    assert second == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_an_hour_that_comes_twice_is_two_hours_for_an_hourly_line() -> None:
    first = following("30 * * * *", "Europe/Berlin", datetime(2026, 10, 25, 0, tzinfo=UTC))

    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert following("30 * * * *", "Europe/Berlin", first) == first + timedelta(hours=1)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_the_next_time_is_later_and_is_the_next(moment: datetime) -> None:
    found = following("*/5 * * * *", "America/New_York", moment)

    assert moment < found <= moment + timedelta(minutes=5)


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_text_is_a_calendar_or_a_mistake(cron: str, zone: str) -> None:
    for line, place in ((cron, "UTC"), ("0 3 * * *", zone)):
        with suppress(Mistake):
            following(line, place, datetime(2026, 1, 1, tzinfo=UTC))


# — kept —

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def a_schedule(name: str = "nightly", cron: str = "0 3 * * *") -> Schedule:
    return Schedule(name=name, cron=cron, action="sync-content", request={}, by="user:ada")


@pytest.fixture
def schedules(client: Client, prefix: str) -> Schedules:
    return Schedules(client, prefix)


def test_a_schedule_is_due_at_its_time(schedules: Schedules) -> None:
    put = schedules.put(a_schedule(), MIDNIGHT)

    assert put.next == "2026-01-01T03:00:00.000Z"
    assert schedules.due(MIDNIGHT + timedelta(hours=2)) == []
    assert schedules.due(MIDNIGHT + timedelta(hours=3)) == [put]


def test_times_that_were_missed_are_not_made_up_for(schedules: Schedules) -> None:
    put = schedules.put(a_schedule(), MIDNIGHT)

    schedules.went(put, MIDNIGHT + 5 * DAY)

    [kept] = schedules.all()
    assert (kept.last, kept.next) == ("2026-01-01T03:00:00.000Z", "2026-01-06T03:00:00.000Z")
    assert schedules.due(MIDNIGHT + 5 * DAY) == []


def test_a_schedule_that_was_removed_while_it_went_stays_away(schedules: Schedules) -> None:
    put = schedules.put(a_schedule(), MIDNIGHT)
    schedules.remove("nightly")

    schedules.went(put, MIDNIGHT)

    assert schedules.all() == []
    with pytest.raises(Unknown, match="no schedule 'nightly'"):
        schedules.remove("nightly")


def test_a_schedule_that_was_changed_while_it_went_stays_changed(schedules: Schedules) -> None:
    put = schedules.put(a_schedule(), MIDNIGHT)
    changed = schedules.put(a_schedule(cron="0 5 * * *"), MIDNIGHT)

    schedules.went(put, MIDNIGHT)

    assert schedules.all() == [changed]


def test_a_name_is_one_schedule(schedules: Schedules) -> None:
    for each in (a_schedule("b"), a_schedule("a"), a_schedule("b", "0 4 * * *")):
        schedules.put(each, MIDNIGHT)

    assert [(each.name, each.cron) for each in schedules.all()] == [
        ("a", "0 3 * * *"), ("b", "0 4 * * *"),
    ]  # fmt: skip


def test_a_wrong_line_changes_nothing(schedules: Schedules) -> None:
    put = schedules.put(a_schedule(), MIDNIGHT)

    with pytest.raises(Mistake):
        schedules.put(a_schedule(cron="never"), MIDNIGHT)

    assert schedules.all() == [put]
