"""Requests that come back by the calendar: cron lines, each with its own request and actor."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from croniter import CroniterBadCronError, CroniterError, croniter

from bootstrapper.clock import from_text, to_text
from bootstrapper.errors import Mistake, Unknown
from bootstrapper.jobs.job import Options
from bootstrapper.redis_link import Client, translated


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """`by` is whose authority each of its jobs has; `next` and `last` are RFC 3339; `fault` says
    why the last time came to nothing."""

    name: str
    cron: str
    zone: str = "UTC"
    action: str
    request: dict[str, Any]
    options: Options = Options()
    by: str
    next: str = ""
    last: str = ""
    fault: str = ""


def following(cron: str, zone: str, after: datetime) -> datetime:
    """The first time after `after` that the cron line (five fields) names, in its zone."""
    try:
        local = after.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: a folder of zones
        raise Mistake(f"no time zone {zone!r}", field="zone") from error
    fields = cron.split()
    if len(fields) != 5:  # noqa: PLR2004
        what = "minute hour day month weekday, such as '0 3 * * *'"
        raise Mistake(f"{cron!r} has not five fields: {what}", field="cron")
    try:
        times = croniter(cron, local)
        moment: datetime = times.get_next(datetime)
        while moment.fold and not fields[1].startswith("*"):  # winter comes: it was this time once
            moment = times.get_next(datetime)
    except (CroniterBadCronError, CroniterError, ValueError, KeyError) as error:
        raise Mistake(f"{cron!r} is no cron line: {error}", field="cron") from error
    return moment.astimezone(UTC)


class Schedules:
    def __init__(self, client: Client, prefix: str) -> None:
        self._redis = client
        self._key = f"{prefix}schedules"

    def put(self, schedule: Schedule, now: datetime) -> Schedule:
        due = following(schedule.cron, schedule.zone, now)
        schedule = msgspec.structs.replace(schedule, next=to_text(due))
        with translated("keeping a schedule"):
            self._redis.hset(self._key, schedule.name, msgspec.json.encode(schedule))
        return schedule

    def remove(self, name: str) -> None:
        with translated("removing a schedule"):
            if not self._redis.hdel(self._key, name):
                raise Unknown(f"no schedule {name!r}")

    def all(self) -> list[Schedule]:
        with translated("reading schedules"):
            found = self._redis.hvals(self._key)
        schedules = [msgspec.json.decode(text, type=Schedule) for text in found]
        return sorted(schedules, key=lambda schedule: schedule.name)

    def due(self, now: datetime) -> list[Schedule]:
        return [each for each in self.all() if each.next and from_text(each.next) <= now]

    def went(self, schedule: Schedule, now: datetime, fault: str = "") -> None:
        """Times that were missed are not made up for: the next one is after now."""
        due = following(schedule.cron, schedule.zone, now)
        moved = msgspec.structs.replace(
            schedule, last=schedule.next, next=to_text(due), fault=fault
        )

        def move(pipe: Client) -> None:
            """Unless somebody changed it, or took it away, while its job was launched."""
            found = pipe.hget(self._key, schedule.name)
            pipe.multi()
            if found and msgspec.json.decode(found, type=Schedule) == schedule:
                pipe.hset(self._key, schedule.name, msgspec.json.encode(moved))

        with translated("moving a schedule on"):
            self._redis.transaction(move, self._key)
