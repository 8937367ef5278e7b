"""Jobs as tables and sheets, and the sentences about their waiting and their end. Pure."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from bootstrapper.cli.telling.lines import Line, Tone, clean, pairs, table
from bootstrapper.cli.telling.recap import tell_recap
from bootstrapper.cli.telling.times import ago, duration, seconds_between, when
from bootstrapper.client.views import Job, JobApprovals
from bootstrapper.events import JobEnded, JobWaiting
from bootstrapper.jobs.states import FINAL, State

TONES = {
    State.PENDING: Tone.DIM,
    State.WAITING: Tone.WAITING,
    State.RUNNING: Tone.WAITING,
    State.SUCCESSFUL: Tone.GOOD,
    State.FAILED: Tone.BAD,
    State.ERROR: Tone.BAD,
    State.CANCELED: Tone.CHANGED,
    State.LOST: Tone.BAD,
}
NAMED = 3  # hosts named one by one before they are only counted


def about(job: Job) -> str:
    """`apply-roles base, nginx on web-1, web-2 (prod)`."""
    what = next((job.request[key] for key in ("roles", "playbook", "module", "tags", "ref")
                 if job.request.get(key)), "")  # fmt: skip
    named = ", ".join(map(str, what)) if isinstance(what, list) else str(what)
    on = f" on {_hosts(job.hosts)}" if job.hosts else ""
    env = f" ({job.env})" if job.env else ""
    return clean(" ".join(filter(None, (job.action, named))) + on + env)


def tell_jobs(jobs: Iterable[Job], now: datetime) -> tuple[Line, ...]:
    listed = tuple(jobs)
    head, *rows = table(
        ("ID", "STATE", "JOB", "ACTOR", "CREATED", "TOOK", "REASON"),
        (
            (
                job.id,
                job.state,
                about(job),
                job.actor,
                ago(job.created, now),
                duration(seconds_between(job.started, job.finished)),
                "" if job.state is State.SUCCESSFUL else job.reason,
            )
            for job in listed
        ),
    )
    toned = (Line(row.text, TONES[job.state]) for row, job in zip(rows, listed, strict=True))
    return (head, *toned)


def tell_job(job: Job, now: datetime) -> tuple[Line, ...]:
    took = seconds_between(job.started, job.finished)
    rows = (
        ("id", job.id),
        ("state", job.state + (f": {job.reason}" if job.reason else "")),
        ("job", about(job)),
        ("request", _request(job)),
        ("actor", f"{job.actor} via {job.via}" if job.via else job.actor),
        ("rule", job.rule),
        ("risk", job.risk),
        ("commit", job.commit),
        ("hosts", ", ".join(job.hosts)),
        ("created", f"{when(job.created)} ({ago(job.created, now)})" if job.created else ""),
        ("not before", when(job.not_before)),
        ("started", when(job.started)),
        ("finished", when(job.finished) + (f" (took {duration(took)})" if took else "")),
        ("worker", job.worker or ""),
        ("attempt", str(job.attempt) if job.attempt > 1 else ""),
        ("approvals", _approvals(job)),
        ("canceled by", job.cancel_by or ""),
        ("rerun of", job.rerun_of or ""),
        ("schedule", job.schedule or ""),
    )
    return (*pairs(rows), *(tell_recap(job.stats) if job.stats else ()))


def tell_wait(job: Job, event: JobWaiting) -> tuple[Line, ...]:
    """For what it waits, and what the reader can do about it."""
    if event.for_ == "approval" and job.approvals:
        return (Line(needs_approval(job), Tone.WAITING),)
    return (Line(clean(f"waiting: {event.reason}"), Tone.WAITING),)


def needs_approval(job: Job) -> str:
    if job.approvals is None:
        return ""
    return f"{_needs(job.approvals)}: bootstrapper approve {job.id}"


def _needs(approvals: JobApprovals, more: str = "") -> str:
    missing = approvals.count - len(approvals.by)
    what = "approval" if missing == 1 else "approvals"
    return f"needs {missing} {more}{what} of {approvals.group}"


def _given(job: Job) -> str:
    """While some are missing still: who has said yes, as the reason does not know."""
    if job.state is not State.WAITING or not job.approvals or not job.approvals.by:
        return ""
    return f"approved by {', '.join(job.approvals.by)}, {_needs(job.approvals, 'more ')}"


def tell_end(event: JobEnded, started: str, at: str) -> tuple[Line, ...]:
    took = duration(seconds_between(started, at))
    after = f" after {took}" if took else ""
    why = f": {event.reason}" if event.reason and event.state is not State.SUCCESSFUL else ""
    return (Line(clean(f"{event.state}{after}{why}"), TONES[event.state]),)


def tell_state(job: Job) -> tuple[Line, ...]:
    """One line about a job that a command has just touched."""
    why = f": {_given(job) or job.reason}" if job.reason else ""
    return (Line(clean(f"{job.id} {job.state}{why}"), TONES[job.state]),)


def exit_code(state: State) -> int:
    """Of a command that followed the job: 0 only when it did what was asked."""
    return 0 if state is State.SUCCESSFUL or state not in FINAL else 1


def _request(job: Job) -> str:
    """What was asked, less what was left as it is by itself."""
    given = {name: value for name, value in job.request.items() if value}
    return msgspec.json.encode(given).decode() if given else ""


def _approvals(job: Job) -> str:
    if job.approvals is None:
        return ""
    by = f"; so far {', '.join(job.approvals.by)}" if job.approvals.by else ""
    return f"{job.approvals.count} of {job.approvals.group}{by}"


def _hosts(hosts: tuple[str, ...]) -> str:
    return ", ".join(hosts) if len(hosts) <= NAMED else f"{len(hosts)} hosts"
