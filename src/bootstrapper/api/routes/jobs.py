"""Jobs: list, look, follow, and what people do to them."""

from typing import Annotated, Any

from msgspec import Meta

from bootstrapper.api.route import Answer, Call, Name, Parameter, Route
from bootstrapper.api.routes.actions import KEY, WAIT
from bootstrapper.api.views import EventsView, JobsView, JobView, View, event_view, job_view
from bootstrapper.control import looking
from bootstrapper.control.approve import approve, reject
from bootstrapper.control.cancel import cancel
from bootstrapper.control.looking import Wanted, page_of_jobs, whole_log
from bootstrapper.control.parts import Parts
from bootstrapper.control.rerun import rerun
from bootstrapper.jobs.job import Job
from bootstrapper.jobs.states import State

Limit = Annotated[int, Meta(ge=1, le=1000)]
Number = Annotated[int, Meta(ge=0, le=2**53)]


class Rejection(View, frozen=True, kw_only=True):
    reason: Annotated[str, Meta(max_length=1000)] = ""


class Approval(View, frozen=True, kw_only=True):
    """`digest`: of the plan that was seen; another plan is refused."""

    digest: Annotated[str, Meta(max_length=64)] = ""


class ArtifactView(View, frozen=True, kw_only=True):
    name: str
    size: int


class ArtifactsView(View, frozen=True, kw_only=True):
    artifacts: tuple[ArtifactView, ...]


_LIST = (
    Parameter(name="state", kind=State, description="only in this state"),
    Parameter(name="action", kind=Name, description="only of this action"),
    Parameter(name="actor", kind=Name, description="only of this actor"),
    Parameter(name="env", kind=Name, description="only in this env"),
    Parameter(name="host", kind=Name, description="only on this host"),
    Parameter(name="limit", kind=Limit, description="at most so many", default=50),
    Parameter(name="cursor", kind=Name, description="`next` of the page before", default=""),
)
_EVENTS = (
    Parameter(name="after", kind=Number, description="events after this number", default=0),
    Parameter(name="limit", kind=Limit, description="at most so many", default=500),
)
_FAILED = Parameter(
    name="failed", kind=bool, description="1: on the failed hosts only", default=False
)


def routes() -> list[Route]:
    base = "/api/v1/jobs"
    one = f"{base}/{{id}}"

    def route(method: str, path: str, name: str, summary: str, handler: Any, **more: Any) -> Route:
        return Route(
            method=method, path=path, name=name, summary=summary, handler=handler, group="jobs",
            **more,
        )  # fmt: skip

    return [
        route("GET", base, "listJobs", "Jobs, newest first", _list, query=_LIST, answer=JobsView),
        route("GET", one, "getJob", "One job", _get, query=(WAIT,), answer=JobView),
        route("GET", f"{one}/events", "getEvents", "Its journal, by pages or as a stream",
              _events, query=_EVENTS, answer=EventsView),
        route("GET", f"{one}/log", "getLog", "Its journal as text", _log, media="text/plain"),
        route("GET", f"{one}/artifacts", "listArtifacts", "What it left", _artifacts,
              answer=ArtifactsView),
        route("GET", f"{one}/artifacts/{{name:path}}", "getArtifact", "One file that it left",
              _artifact, media="application/octet-stream"),
        route("POST", f"{one}/cancel", "cancelJob", "End it", _cancel, answer=JobView),
        route("POST", f"{one}/rerun", "rerunJob", "Ask for the same again", _rerun,
              query=(_FAILED,), answer=JobView, status=202),
        route("POST", f"{one}/approve", "approveJob", "Say yes to its plan", _approve,
              body=Approval, answer=JobView),
        route("POST", f"{one}/reject", "rejectJob", "Say no to its plan", _reject,
              body=Rejection, answer=JobView),
    ]  # fmt: skip


def readable(parts: Parts, call: Call) -> Job:
    """The job of the path, if the caller may see it."""
    return looking.readable(parts, call.actor, call.path["id"])


def _list(parts: Parts, call: Call) -> Answer:
    query = call.query
    wanted = Wanted(
        state=query["state"], action=query["action"], actor=query["actor"], env=query["env"],
        host=query["host"],
    )  # fmt: skip
    page = page_of_jobs(parts, call.actor, query["limit"], query["cursor"], wanted)
    return Answer(body=JobsView(jobs=tuple(map(job_view, page.jobs)), next=page.next or None))


def _get(parts: Parts, call: Call) -> Answer:
    job = readable(parts, call)
    wait = call.query["wait"]
    return Answer(body=job_view(job), wait_for=job.id if wait else "", wait_seconds=wait)


def _events(parts: Parts, call: Call) -> Answer:
    job = readable(parts, call)
    entries = parts.jobs.journal(job.id, call.query["after"], call.query["limit"])
    return Answer(body=EventsView(events=tuple(map(event_view, entries)), state=job.state))


def _log(parts: Parts, call: Call) -> Answer:
    text = whole_log(parts, readable(parts, call))
    return Answer(body=text.encode(), media="text/plain; charset=utf-8")


def _artifacts(parts: Parts, call: Call) -> Answer:
    job = readable(parts, call)
    sizes = parts.artifacts.sizes(job.id)
    found = tuple(ArtifactView(name=name, size=size) for name, size in sizes.items())
    return Answer(body=ArtifactsView(artifacts=found))


def _artifact(parts: Parts, call: Call) -> Answer:
    """As a download: whatever a play left must not be shown as a page of ours."""
    job = readable(parts, call)
    content = parts.artifacts.get(job.id, call.path["name"])
    headers = {"Content-Disposition": "attachment"}
    return Answer(body=content, media="application/octet-stream", headers=headers)


def _cancel(parts: Parts, call: Call) -> Answer:
    return Answer(body=job_view(cancel(parts, call.actor, parts.jobs.find(call.path["id"]))))


def _rerun(parts: Parts, call: Call) -> Answer:
    job = readable(parts, call)
    key = call.headers.get(KEY, "")
    again = rerun(parts, call.actor, job.id, failed=call.query["failed"], key=key)
    headers = {"Location": f"/api/v1/jobs/{again.id}"}
    return Answer(body=job_view(again), status=202, headers=headers)


def _approve(parts: Parts, call: Call) -> Answer:
    job_id = parts.jobs.find(call.path["id"])
    return Answer(body=job_view(approve(parts, call.actor, job_id, call.body.digest)))


def _reject(parts: Parts, call: Call) -> Answer:
    job_id = parts.jobs.find(call.path["id"])
    return Answer(body=job_view(reject(parts, call.actor, job_id, call.body.reason)))
