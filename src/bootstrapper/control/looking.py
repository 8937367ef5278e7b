"""Jobs as those see them who may: one, or the newest of them, and what happened to it."""

from collections.abc import Iterator

import msgspec

from bootstrapper.control.parts import Parts
from bootstrapper.control.plan import judge
from bootstrapper.control.verdicts import about, authorize
from bootstrapper.events import Entry
from bootstrapper.jobs.job import Job
from bootstrapper.jobs.log_text import log_text
from bootstrapper.jobs.states import State
from bootstrapper.policy.actors import Actor
from bootstrapper.policy.rules import Ask, Effect

AT_ONCE = 200  # records looked at in one round trip
LOOKED_AT = 5000  # records that one listing looks at; its cursor leads on


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Only jobs that fit all of it; None: whatever it is."""

    state: State | None = None
    action: str | None = None
    actor: str | None = None
    env: str | None = None
    host: str | None = None


class Page(msgspec.Struct, frozen=True):
    """`next`: the cursor that leads on; "" when there are no more."""

    jobs: tuple[Job, ...]
    next: str = ""


ANY = Wanted()


def readable(parts: Parts, actor: Actor, word: str) -> Job:
    """The job that this id, or part of an id, names. Denied when the actor may not see it."""
    job = parts.jobs.get(parts.jobs.find(word))
    authorize(parts, actor, "jobs.read", "read", **about(job))
    return job


def page_of_jobs(
    parts: Parts, actor: Actor, limit: int, cursor: str = "", wanted: Wanted = ANY
) -> Page:
    """Newest first, those that the actor may see; only who may list at all is let in."""
    authorize(parts, actor, "jobs.list", "read")
    found: list[Job] = []
    for _ in range(LOOKED_AT // AT_ONCE):
        ids = parts.jobs.newest(cursor, AT_ONCE)
        for job in parts.jobs.many(ids):
            cursor = job.id
            if _fits(job, wanted) and _may_see(parts, actor, job):
                found.append(job)
                if len(found) == limit:
                    return Page(tuple(found), cursor)
        if len(ids) < AT_ONCE:
            return Page(tuple(found))
        cursor = ids[-1]
    return Page(tuple(found), cursor)


def whole_journal(parts: Parts, job_id: str) -> Iterator[Entry]:
    after = 0
    while entries := parts.jobs.journal(job_id, after):
        yield from entries
        after = entries[-1].seq


def whole_log(parts: Parts, job: Job) -> str:
    """Its journal as text."""
    return "".join(log_text(whole_journal(parts, job.id)))


def _fits(job: Job, wanted: Wanted) -> bool:
    return (
        wanted.state in (None, job.state)
        and wanted.action in (None, job.spec.action)
        and wanted.actor in (None, job.spec.actor)
        and wanted.env in (None, job.spec.env)
        and (wanted.host is None or wanted.host in job.spec.hosts)
    )


def _may_see(parts: Parts, actor: Actor, job: Job) -> bool:
    ask = Ask(actor=actor, action="jobs.read", risk="read", channel=actor.channel, **about(job))
    return judge(parts, ask, freezes=()).effect is Effect.ALLOW
