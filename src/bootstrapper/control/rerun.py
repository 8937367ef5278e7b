"""Ask for the same again, as whoever asks now; perhaps on the failed hosts only."""

import msgspec

from bootstrapper.actions.registry import action
from bootstrapper.control.launch import Origin, launch
from bootstrapper.control.parts import Parts
from bootstrapper.errors import Conflict, Mistake
from bootstrapper.jobs.job import Job, failed_hosts
from bootstrapper.policy.actors import Actor

REHEARSAL = {"check": True, "diff": True}
HOST_FIELDS = ("hosts", "limit")
"""What an action calls the hosts that a caller chose."""


def rerun(parts: Parts, actor: Actor, job_id: str, *, failed: bool = False, key: str = "") -> Job:
    job = parts.jobs.get(job_id)
    if job.reported:
        raise Mistake(f"it was run on {job.worker}, and only told here: run it there again")
    request = dict(job.spec.request)
    if failed:
        if not job.final:
            raise Conflict(f"the job has not ended: it is {job.state}")
        request |= _only_failed(job)
    options = msgspec.structs.replace(job.spec.options, not_before="")
    origin = Origin(key=key, rerun_of=job.id)
    return launch(parts, actor, job.spec.action, request, options, origin)


def rehearse(parts: Parts, actor: Actor, job_id: str, *, key: str = "") -> Job:
    """The same in check mode, with the differences: what the job would change, or has left."""
    spec = parts.jobs.get(job_id).spec
    if not set(REHEARSAL) <= set(action(spec.action).__struct_fields__):
        raise Mistake(f"{spec.action} has no check mode", field="check")
    options = msgspec.structs.replace(spec.options, not_before="")
    return launch(parts, actor, spec.action, spec.request | REHEARSAL, options, Origin(key=key))


def _only_failed(job: Job) -> dict[str, tuple[str, ...]]:
    fields = action(job.spec.action).__struct_fields__
    name = next((field for field in HOST_FIELDS if field in fields), None)
    if name is None:
        raise Mistake(f"{job.spec.action} chooses its hosts itself", field="failed")
    hosts = failed_hosts(job)
    if not hosts:
        raise Conflict("no host of this job failed")
    return {name: hosts}
