"""Requests by the calendar."""

from typing import Annotated, Any

from msgspec import Meta

from bootstrapper.api.route import Answer, Call, Name, Route
from bootstrapper.api.views import View
from bootstrapper.clock import utc_now
from bootstrapper.control.parts import Parts
from bootstrapper.control.plan import make_plan
from bootstrapper.control.schedules import Schedule
from bootstrapper.control.verdicts import authorize, note, refuse
from bootstrapper.jobs.job import Options
from bootstrapper.policy.rules import Effect


class SchedulesView(View, frozen=True, kw_only=True):
    schedules: tuple[Schedule, ...]


class NewSchedule(View, frozen=True, kw_only=True):
    """`cron`: five fields; `zone`: an IANA name."""

    cron: Annotated[str, Meta(min_length=1, max_length=200)]
    action: Name
    request: dict[str, Any] = {}
    zone: Annotated[str, Meta(max_length=60)] = "UTC"
    options: Options = Options()


def routes() -> list[Route]:
    def route(method: str, path: str, name: str, summary: str, handler: Any, **more: Any) -> Route:
        return Route(
            method=method, path=path, name=name, summary=summary, handler=handler,
            group="schedules", **more,
        )  # fmt: skip

    one = "/api/v1/schedules/{name}"
    return [
        route("GET", "/api/v1/schedules", "listSchedules", "All schedules", _list,
              answer=SchedulesView),
        route("PUT", one, "setSchedule", "Make or replace one", _put, body=NewSchedule,
              answer=Schedule),
        route("DELETE", one, "removeSchedule", "Remove one", _remove, status=204),
    ]  # fmt: skip


def _list(parts: Parts, call: Call) -> Answer:
    authorize(parts, call.actor, "schedules.read", "read")
    return Answer(body=SchedulesView(schedules=tuple(parts.schedules.all())))


def _put(parts: Parts, call: Call) -> Answer:
    """Each of its jobs has the maker's authority: who may not do it now may not schedule it."""
    authorize(parts, call.actor, "schedules.write", "change")
    wanted: NewSchedule = call.body
    plan = make_plan(parts, call.actor, wanted.action, wanted.request, wanted.options)
    if plan.verdict.effect is Effect.DENY:
        note(parts, plan.ask, plan.verdict)
        raise refuse(plan.verdict)
    schedule = Schedule(
        name=call.path["name"],
        cron=wanted.cron,
        zone=wanted.zone,
        action=wanted.action,
        request=wanted.request,
        options=wanted.options,
        by=call.actor.name,
    )
    return Answer(body=parts.schedules.put(schedule, utc_now()))


def _remove(parts: Parts, call: Call) -> Answer:
    authorize(parts, call.actor, "schedules.write", "change")
    parts.schedules.remove(call.path["name"])
    return Answer(status=204)
