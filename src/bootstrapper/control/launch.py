"""The one road of every request: actor → policy → plan → job."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from bootstrapper.clock import from_text, to_text, utc_now
from bootstrapper.control.parts import Parts
from bootstrapper.control.plan import Plan, budget_of, digest_of, make_plan
from bootstrapper.control.verdicts import note, refuse
from bootstrapper.errors import Conflict
from bootstrapper.events import Event, JobQueued, JobWaiting
from bootstrapper.ids import new_id
from bootstrapper.jobs.job import Approvals, Job, Options, Spec
from bootstrapper.jobs.records import Idempotency
from bootstrapper.jobs.states import State
from bootstrapper.policy.actors import Actor
from bootstrapper.policy.decide import spent
from bootstrapper.policy.rules import Effect

NO_OPTIONS = Options()


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a request comes from, besides its actor."""

    key: str = ""  # the caller's Idempotency-Key
    rerun_of: str = ""
    schedule: str = ""


def launch(
    parts: Parts,
    actor: Actor,
    name: str,
    request: Any,
    options: Options = NO_OPTIONS,
    origin: Origin = Origin(),  # noqa: B008
) -> Job:
    """A job that is safely kept when this returns. Denied when the policy says no."""
    once = _idempotency(actor, name, request, options, origin)
    if once and (known := parts.jobs.known(once)):
        return parts.jobs.get(known)
    plan = make_plan(parts, actor, name, request, options)
    job_id = new_id()
    note(parts, plan.ask, plan.verdict, job=job_id)
    if plan.verdict.effect is Effect.DENY:
        raise refuse(plan.verdict)
    spec = _spec(plan, job_id, origin, parts.settings.jobs.batch_hosts)
    waiting = _waits(spec)
    events: list[Event] = [JobQueued(actor.name, actor.via, plan.verdict.rule)]
    answer, job_id = parts.jobs.submit(
        spec,
        [*events, waiting] if waiting else events,
        state=State.WAITING if waiting else State.PENDING,
        reason=waiting.reason if waiting else "",
        waits_for=waiting.for_ if waiting else "",
        idempotency=once,
        budget=budget_of(plan.verdict, actor) if plan.verdict.budget else None,
    )
    match answer:
        case "conflict":
            raise _other_request(origin)
        case "spent":
            verdict = spent(plan.verdict, plan.ask)
            note(parts, plan.ask, verdict)
            raise refuse(verdict)
        case "accepted" if not waiting:
            parts.tickets.put(job_id, options.priority)
    return parts.jobs.get(job_id)


def _idempotency(
    actor: Actor, name: str, request: Any, options: Options, origin: Origin
) -> Idempotency | None:
    if not origin.key:
        return None
    key = digest_of(actor.name, origin.key)
    return Idempotency(key, digest_of(name, request, options, origin.rerun_of))


def _other_request(origin: Origin) -> Conflict:
    return Conflict(f"Idempotency-Key {origin.key!r} was used for another request")


def _spec(plan: Plan, job_id: str, origin: Origin, most: int) -> Spec:
    now = utc_now()
    return Spec(
        id=job_id,
        action=plan.action.NAME,
        request=plan.request,
        actor=plan.ask.actor.name,
        via=plan.ask.actor.via,
        channel=plan.ask.actor.channel,
        rule=plan.verdict.rule,
        risk=plan.ask.risk,
        created=to_text(now),
        env=plan.scope.env,
        hosts=plan.hosts,
        commit=plan.commit,
        serial=plan.serial,
        canary=plan.canary,
        locks=plan.locks,
        batch=_batch(plan, most),
        options=plan.options,
        repeatable=plan.action.REPEATABLE,
        approvals=_approvals(plan, now),
        rerun_of=origin.rerun_of,
        schedule=origin.schedule,
    )


def _approvals(plan: Plan, now: datetime) -> Approvals | None:
    asked = plan.verdict.approvals
    if asked is None:
        return None
    expires = to_text(now + timedelta(seconds=asked.expires))
    return Approvals(count=asked.count, group=asked.group, expires=expires, digest=plan.digest)


def _batch(plan: Plan, most: int) -> str:
    """Equal for jobs that may share a play; "" for one that may not."""
    shared = plan.action.without_hosts()
    alone = plan.serial or plan.canary or plan.options.locks or most <= 1
    if shared is None or alone or not plan.scope.shares_a_play:
        return ""
    return digest_of(plan.action.NAME, shared, plan.scope.env, plan.commit, plan.options.timeout)


def _waits(spec: Spec) -> JobWaiting | None:
    """What keeps a job from starting that only time or people can give."""
    if spec.approvals:
        text = f"needs {spec.approvals.count} approvals of {spec.approvals.group}"
        return JobWaiting(text, "approval", spec.approvals.group)
    return waits_for_time(spec)


def waits_for_time(spec: Spec) -> JobWaiting | None:
    begin = spec.options.not_before
    if begin and from_text(begin, field="not_before") > utc_now():
        return JobWaiting(f"not before {begin}", "time", begin)
    return None
