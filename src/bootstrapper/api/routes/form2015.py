"""The routes of 2015, as they were: forms in, a job id or its statistics out."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from bootstrapper.api.route import Answer, Call, Route
from bootstrapper.api.routes.jobs import readable
from bootstrapper.api.views import View
from bootstrapper.control.launch import launch
from bootstrapper.control.parts import Parts
from bootstrapper.jobs.job import Job
from bootstrapper.jobs.states import State

Text = Annotated[str, Meta(max_length=4096)]
Needed = Annotated[str, Meta(min_length=1, max_length=4096)]
COUNTED = ("ok", "changed", "failures", "unreachable", "skipped")


class RoleForm(View, frozen=True, kw_only=True):
    host: Needed
    role: Needed
    env: Text = ""


class AdHocForm(View, frozen=True, kw_only=True):
    host: Needed
    mod: Needed
    args: Text = ""
    env: Text = ""


class CodeForm(View, frozen=True, kw_only=True):
    tags: Needed
    env: Text = ""


def routes() -> list[Route]:
    def route(method: str, path: str, name: str, summary: str, handler: Any, **more: Any) -> Route:
        return Route(
            method=method, path=path, name=name, summary=summary, handler=handler,
            group="2015", **more,
        )  # fmt: skip

    text: dict[str, Any] = {"form": True, "media": "text/plain"}
    return [
        route("POST", "/ansible/role/", "role2015", "Apply roles: the job's id", _role,
              body=RoleForm, **text),
        route("GET", "/ansible/results/{id}", "results2015", "How far it is, or its statistics",
              _results),
        route("GET", "/ansible/adhoc/", "adhocGet2015", "Run a module: the job's id", _adhoc,
              body=AdHocForm, **text),
        route("POST", "/ansible/adhoc/", "adhoc2015", "Run a module: the job's id", _adhoc,
              body=AdHocForm, **text),
        route("POST", "/ansible/update-code/", "updateCode2015", "Update code: the job's id",
              _code, body=CodeForm, **text),
    ]  # fmt: skip


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _role(parts: Parts, call: Call) -> Answer:
    form: RoleForm = call.body
    return _launch(
        parts, call, "apply-roles",
        {"hosts": _words(form.host), "roles": _words(form.role), "env": form.env},
    )  # fmt: skip


def _adhoc(parts: Parts, call: Call) -> Answer:
    form: AdHocForm = call.body
    return _launch(
        parts, call, "run-module",
        {"hosts": _words(form.host), "module": form.mod, "args": form.args, "env": form.env},
    )  # fmt: skip


def _code(parts: Parts, call: Call) -> Answer:
    form: CodeForm = call.body
    return _launch(parts, call, "update-code", {"tags": _words(form.tags), "env": form.env})


def _launch(parts: Parts, call: Call, name: str, request: dict[str, Any]) -> Answer:
    actor = msgspec.structs.replace(call.actor, via="form2015")
    job = launch(parts, actor, name, request)
    return Answer(body=job.id.encode(), media="text/plain; charset=utf-8")


def _results(parts: Parts, call: Call) -> Answer:
    return Answer(body=_result(readable(parts, call)))


def _result(job: Job) -> dict[str, Any]:
    if job.state in (State.PENDING, State.WAITING):
        return {"status": "in-queue"}
    if job.state is State.RUNNING:
        return {"status": "waiting"}
    if job.state in (State.SUCCESSFUL, State.FAILED) and job.stats:
        return {
            host: {name: counts.get(name, 0) for name in COUNTED}
            for host, counts in job.stats.items()
        }
    return {"status": "failed"}
