"""End a job before its time, or ask its worker to."""

from bootstrapper.control.parts import Parts
from bootstrapper.control.verdicts import about, authorize
from bootstrapper.errors import Conflict
from bootstrapper.events import CancelAsked
from bootstrapper.jobs.job import Job
from bootstrapper.jobs.states import State
from bootstrapper.policy.actors import Actor


def cancel(parts: Parts, actor: Actor, job_id: str) -> Job:
    """A waiting job ends at once; a running one as soon as its worker has stopped the play."""
    job = parts.jobs.get(job_id)
    authorize(parts, actor, "jobs.cancel", "change", **about(job))
    if job.final:
        raise Conflict(f"the job has ended already: it is {job.state}")
    if job.reported:
        raise Conflict(f"it runs on {job.worker}, which takes no orders: end it there")
    if not parts.jobs.ask_to_cancel(job, actor.name):
        waiters = parts.jobs.finish(
            job,
            State.CANCELED,
            f"canceled by {actor.name}",
            events=[CancelAsked(actor.name)],
            only_from=[State.PENDING, State.WAITING],
        )
        wake(parts, waiters)
        job = parts.jobs.get(job_id)
        if job.state is State.RUNNING:  # a worker took it just now
            parts.jobs.ask_to_cancel(job, actor.name)
    return parts.jobs.get(job_id)


def wake(parts: Parts, waiters: list[str]) -> None:
    """A ticket for each job that may now have its locks."""
    for job in parts.jobs.many(waiters):
        parts.tickets.put(job.id, job.spec.options.priority)
