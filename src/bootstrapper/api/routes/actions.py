"""Ask for an action: one route for each, made from its definition."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from bootstrapper.actions.action import Action
from bootstrapper.actions.registry import actions, summary
from bootstrapper.api.route import Answer, Call, Parameter, Route
from bootstrapper.api.views import PlanView, View, job_view, plan_view
from bootstrapper.control.launch import Origin, launch
from bootstrapper.control.parts import Parts
from bootstrapper.control.plan import make_plan
from bootstrapper.control.verdicts import authorize
from bootstrapper.jobs.job import LockName, Options, Priority, Retries, Timeout

LONGEST_WAIT = 300.0
Seconds = Annotated[float, Meta(ge=0, le=LONGEST_WAIT)]
WAIT = Parameter(
    name="wait", kind=Seconds, description="seconds to wait for the job's end", default=0.0
)
KEY = "idempotency-key"

_QUERY = (
    WAIT,
    Parameter(
        name="plan", kind=bool, description="1: answer with the plan and do nothing", default=False
    ),
    Parameter(
        name="priority", kind=Priority, description="before or after others",
        default=Priority.NORMAL,
    ),
    Parameter(name="not_before", kind=str, description="RFC 3339: not to start before", default=""),
    Parameter(
        name="timeout", kind=Timeout,
        description="seconds it may run; 0: as the settings say", default=0.0,
    ),
    Parameter(
        name="retries", kind=Retries,
        description="further tries when it fails, for actions that may be repeated", default=0,
    ),
    Parameter(
        name="lock", kind=list[LockName],
        description="a name nothing else runs under meanwhile", default=(), many=True,
    ),
)  # fmt: skip


class ActionView(View, frozen=True, kw_only=True):
    name: str
    command: str
    summary: str
    risk: str
    repeatable: bool
    schema: dict[str, Any]
    example: dict[str, Any]


class ActionsView(View, frozen=True, kw_only=True):
    actions: tuple[ActionView, ...]


def routes() -> list[Route]:
    listing = Route(
        method="GET", path="/api/v1/actions", name="listActions",
        summary="The actions and their schemas", handler=_list, answer=ActionsView,
        group="actions",
    )  # fmt: skip
    return [listing, *(_launch_route(kind) for kind in actions().values())]


def _launch_route(kind: type[Action]) -> Route:
    return Route(
        method="POST",
        path=f"/api/v1/actions/{kind.NAME}",
        name=f"launch{kind.__name__}",
        summary=summary(kind),
        handler=lambda parts, call: _launch(parts, call, kind.NAME),
        query=_QUERY,
        body=kind,
        status=202,
        answer=PlanView,
        group="actions",
    )


def _list(parts: Parts, call: Call) -> Answer:
    authorize(parts, call.actor, "actions.read", "read")
    found = tuple(
        ActionView(
            name=kind.NAME,
            command=kind.COMMAND or kind.NAME,
            summary=summary(kind),
            risk=kind.RISK.value,
            repeatable=kind.REPEATABLE,
            schema=msgspec.json.schema(kind),
            example=kind.EXAMPLE,
        )
        for kind in actions().values()
    )
    return Answer(body=ActionsView(actions=found))


def _launch(parts: Parts, call: Call, name: str) -> Answer:
    request = msgspec.to_builtins(call.body)
    options = options_from(call.query)
    if call.query["plan"]:
        plan = make_plan(parts, call.actor, name, request, options)
        authorize(parts, call.actor, "plans.read", "read", env=plan.scope.env, hosts=plan.hosts)
        return Answer(body=plan_view(plan))
    origin = Origin(key=call.headers.get(KEY, ""))
    job = launch(parts, call.actor, name, request, options, origin)
    return Answer(
        body=job_view(job),
        status=202,
        headers={"Location": f"/api/v1/jobs/{job.id}"},
        wait_for=job.id if call.query["wait"] else "",
        wait_seconds=call.query["wait"],
    )


def options_from(query: Mapping[str, Any]) -> Options:
    return Options(
        priority=query["priority"],
        not_before=query["not_before"],
        timeout=query["timeout"],
        retries=query["retries"],
        locks=tuple(query["lock"]),
    )
