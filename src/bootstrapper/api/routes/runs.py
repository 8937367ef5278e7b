"""Runs that are reported: what Ansible's callback plugin tells of a run on somebody's machine."""

from bootstrapper.api.route import Answer, Call, Route
from bootstrapper.api.routes.actions import KEY
from bootstrapper.api.views import JobView, job_view
from bootstrapper.control.parts import Parts
from bootstrapper.control.reported import Begun, Ended, Told, begin, end, tell


def routes() -> list[Route]:
    base = "/api/v1/runs"
    return [
        Route(
            method="POST", path=base, name="beginRun", handler=_begin, body=Begun, answer=JobView,
            status=201, summary="Make a job of a run that has begun elsewhere", group="runs",
        ),
        Route(
            method="POST", path=f"{base}/{{id}}/events", name="tellRun", handler=_tell, body=Told,
            status=204, summary="Tell what happened in it since", group="runs",
        ),
        Route(
            method="POST", path=f"{base}/{{id}}/end", name="endRun", handler=_end, body=Ended,
            answer=JobView, summary="Tell how it ended", group="runs",
        ),
    ]  # fmt: skip


def _begin(parts: Parts, call: Call) -> Answer:
    job = begin(parts, call.actor, call.body, call.headers.get(KEY, ""))
    headers = {"Location": f"/api/v1/jobs/{job.id}"}
    return Answer(body=job_view(job), status=201, headers=headers)


def _tell(parts: Parts, call: Call) -> Answer:
    tell(parts, call.actor, call.path["id"], call.body)
    return Answer(status=204)


def _end(parts: Parts, call: Call) -> Answer:
    return Answer(body=job_view(end(parts, call.actor, call.path["id"], call.body)))
