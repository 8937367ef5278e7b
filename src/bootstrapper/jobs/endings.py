"""How a run ends that could not tell its own end."""

import msgspec

from bootstrapper.jobs.job import Job
from bootstrapper.jobs.states import State
from bootstrapper.jobs.store import Jobs

MOST_REPEATS = 3
"""Runs of one job that may be lost before it counts as one that kills its workers."""


class Stopped(msgspec.Struct, frozen=True):
    """Why a run was stopped from outside. `canceled`: job → who asked."""

    state: State
    reason: str = ""
    canceled: dict[str, str] = {}


def lose(jobs: Jobs, job: Job, why: str) -> list[str]:
    """A job without its worker: run again where the action may be, else `lost`.

    Answers the jobs to wake, the job itself among them when it is to run again.
    """
    if job.spec.repeatable and job.attempt < max(MOST_REPEATS, job.spec.options.retries + 1):
        return [*jobs.repeat(job, f"{why}; it is run again"), job.id]
    return jobs.finish(job, State.LOST, why)


def lose_all_of(jobs: Jobs, worker: str, why: str) -> list[str]:
    """Whatever this worker ran when it died; nothing is left to do for who asks again."""
    left = [
        job
        for job in jobs.many(jobs.open_ids())
        if job.state is State.RUNNING and job.worker == worker
    ]
    return [each for job in left for each in lose(jobs, job, why)]
