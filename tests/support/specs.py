"""Jobs as values, with what a test does not care about filled in."""

from collections.abc import Callable
from typing import Any

from bootstrapper.clock import to_text, utc_now
from bootstrapper.events import JobQueued
from bootstrapper.ids import new_id
from bootstrapper.jobs.job import Lock, Spec
from bootstrapper.jobs.store import Jobs

MakeJobs = Callable[[], Jobs]
QUEUED = JobQueued(actor="user:ada", via="api", rule="all")


def a_spec(*locks: str, **fields: Any) -> Spec:
    """`locks`: resources; one that ends in `/s` is shared."""
    held = tuple(
        Lock(each.removesuffix("/s"), "s" if each.endswith("/s") else "x") for each in locks
    )
    values: dict[str, Any] = {
        "id": new_id(),
        "action": "apply-roles",
        "request": {},
        "actor": "user:ada",
        "via": "api",
        "rule": "all",
        "risk": "change",
        "created": to_text(utc_now()),
        "locks": held,
    }
    return Spec(**(values | fields))


def submitted(jobs: Jobs, *locks: str, **fields: Any) -> str:
    """The id of a job that was accepted."""
    answer, job_id = jobs.submit(a_spec(*locks, **fields), [QUEUED])
    assert answer == "accepted"
    return job_id
