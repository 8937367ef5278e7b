"""Runs that happen elsewhere: somebody's own `ansible-playbook`, whose callback plugin tells of it.

Such a run is a job like others, but that no worker takes it, nothing here can stop it, and silence
is the only sign of its death: the keeper sees that.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from bootstrapper.clock import to_text, utc_now
from bootstrapper.control.cancel import wake
from bootstrapper.control.parts import Parts
from bootstrapper.control.plan import budget_of, digest_of, judge
from bootstrapper.control.verdicts import about, note, refuse
from bootstrapper.errors import Conflict, Denied, Mistake, Unknown
from bootstrapper.events import Counts, JobQueued, JobStarted, Recap, RunEvent, Said
from bootstrapper.ids import new_id
from bootstrapper.jobs.job import ONE_LINE, REPORTED, Job, Spec
from bootstrapper.jobs.records import Idempotency
from bootstrapper.jobs.states import State
from bootstrapper.jobs.store import Lines, encode
from bootstrapper.playbooks.trim import trim
from bootstrapper.playbooks.work import outcome_of
from bootstrapper.policy.actors import Actor
from bootstrapper.policy.decide import decide, spent
from bootstrapper.policy.rules import Ask, Effect
from bootstrapper.policy.verdicts import Verdict

ACTION = "ansible-playbook"
RISK = "change"
WRITER = "callback"
MOST = 100_000
"""Events kept of one run."""
Word = Annotated[str, Meta(min_length=1, max_length=200, pattern=ONE_LINE)]
Number = Annotated[int, Meta(ge=0, le=2**53)]


class Begun(Struct, frozen=True, kw_only=True):
    """A run that has begun: `user` ran it on the machine `host`, with `hosts` as its targets."""

    playbook: Word
    user: Word
    host: Word
    ansible_version: Word
    env: Word | None = None
    hosts: Annotated[tuple[Word, ...], Meta(max_length=10_000)] = ()
    check: bool = False


class Told(Struct, frozen=True, kw_only=True):
    """What happened since, numbered from `first` by who tells it: a number is kept once. Without
    events it is a sign of life."""

    first: Annotated[int, Meta(ge=1, le=2**53)]
    events: Annotated[tuple[RunEvent, ...], Meta(max_length=1000)] = ()


class Tally(Struct, frozen=True, kw_only=True):
    ok: Number = 0
    changed: Number = 0
    failures: Number = 0
    unreachable: Number = 0
    skipped: Number = 0
    rescued: Number = 0
    ignored: Number = 0


class Ended(Struct, frozen=True, kw_only=True):
    """`stats` is Ansible's recap, host by host."""

    state: Literal["successful", "failed", "canceled"]
    stats: Annotated[dict[Word, Tally], Meta(max_length=10_000)] = {}
    reason: Annotated[str, Meta(max_length=1000, pattern=rf"^$|{ONE_LINE}")] = ""


def begin(parts: Parts, actor: Actor, begun: Begun, key: str = "") -> Job:
    """Its job, which runs. The same again under the same Idempotency-Key is the same job."""
    request = {name: value for name, value in msgspec.to_builtins(begun).items() if value}
    once = Idempotency(digest_of(actor.name, key), digest_of(ACTION, request)) if key else None
    if once and (known := parts.jobs.known(once)):
        return parts.jobs.get(known)
    ask = _ask(actor, env=begun.env or "", hosts=begun.hosts)
    verdict = judge(parts, ask, freezes=())
    spec = _spec(ask, request, verdict)
    note(parts, ask, verdict, job=spec.id)
    if verdict.effect is not Effect.ALLOW:
        raise refuse(verdict)
    worker = f"{begun.user}@{begun.host}"
    answer, job_id = parts.jobs.submit(
        spec,
        [JobQueued(actor.name, REPORTED, verdict.rule), JobStarted(worker, attempt=1)],
        state=State.RUNNING,
        worker=worker,
        idempotency=once,
        budget=budget_of(verdict, actor) if verdict.budget else None,
    )
    if answer == "spent":
        raise refuse(spent(verdict, ask))
    if answer == "conflict":
        raise Conflict(f"Idempotency-Key {key!r} was used for another run")
    return parts.jobs.get(job_id)


def tell(parts: Parts, actor: Actor, job_id: str, told: Told) -> None:
    """Add to the run's journal; Conflict when the job has ended already, as when it was lost."""
    job = _own(parts, actor, job_id)
    events = [encode(event) for event in _kept(told.first, told.events)]
    lines = Lines(
        job.id, to_text(utc_now()), events, WRITER, told.first, job.attempt, alive=True
    )  # fmt: skip
    answer = parts.jobs.write([lines])[0]
    if answer == "gone":
        raise Unknown(f"no job {job_id!r}")
    if answer != "written":
        raise _ended_already(answer.removeprefix("not "))


def end(parts: Parts, actor: Actor, job_id: str, ended: Ended) -> Job:
    """The job as it ended; the same again changes nothing."""
    job = _own(parts, actor, job_id)
    state = State(ended.state)
    stats: dict[str, Counts] = msgspec.to_builtins(ended.stats)
    reason = ended.reason or outcome_of(stats, tuple(stats)).reason
    events = [Recap(stats)] if stats else []
    running = [State.RUNNING]
    wake(parts, parts.jobs.finish(job, state, reason, events=events, stats=stats,
                                  only_from=running))  # fmt: skip
    job = parts.jobs.get(job_id)
    if job.state is not state:
        raise _ended_already(job.state)
    return job


def _ask(actor: Actor, **about: Any) -> Ask:
    return Ask(actor=actor, action="runs.report", risk=RISK, channel=actor.channel, **about)


def _spec(ask: Ask, request: dict[str, Any], verdict: Verdict) -> Spec:
    return Spec(
        id=new_id(),
        action=ACTION,
        request=request,
        actor=ask.actor.name,
        via=REPORTED,
        rule=verdict.rule,
        risk=RISK,
        created=to_text(utc_now()),
        env=ask.env,
        hosts=ask.hosts,
    )


def _own(parts: Parts, actor: Actor, job_id: str) -> Job:
    """The run, if the actor began it and still may report it (its share of a budget it took when
    it began). Only a "no" is audited here: the audit has the beginning, the journal the rest.
    """
    job = parts.jobs.get(job_id)
    ask = _ask(actor, **about(job))
    verdict = decide(parts.rules.current(), ask, now=utc_now())
    if verdict.effect is not Effect.ALLOW:
        note(parts, ask, verdict, job=job.id)
        raise refuse(verdict)
    if not job.reported:
        raise Mistake("a worker runs this job, and tells of it itself", field="id")
    if job.spec.actor != actor.name:
        raise Denied(f"{job.spec.actor} began this run: nobody else writes to it")
    return job


def _kept(first: int, events: Sequence[RunEvent]) -> list[RunEvent]:
    kept = [trim(event) for event in events[: max(0, MOST - first + 1)]]
    if kept and first + len(kept) - 1 == MOST:
        kept[-1] = Said(f"the run has told of {MOST} events: the rest is not kept", "warning")
    return kept


def _ended_already(state: str) -> Conflict:
    return Conflict(f"the job has ended already: it is {state}")
