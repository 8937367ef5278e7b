"""How values look in the API's JSON. Only shapes: the values come from elsewhere."""

from typing import Any

import msgspec

from bootstrapper.control.plan import Plan
from bootstrapper.events import Counts, Entry
from bootstrapper.jobs.job import Job
from bootstrapper.jobs.states import State
from bootstrapper.playbooks.scrub import Scrubber, telling
from bootstrapper.policy.decide import Verdict


class View(msgspec.Struct, frozen=True, kw_only=True):
    pass


class ApprovalsView(View, frozen=True, kw_only=True):
    count: int
    group: str
    expires: str
    digest: str
    by: tuple[str, ...] = ()


class JobView(View, frozen=True, kw_only=True):
    """Times are RFC 3339 in UTC, "" when it has not happened."""

    id: str
    action: str
    request: dict[str, Any]
    state: State
    reason: str
    actor: str
    via: str
    risk: str
    rule: str
    env: str
    hosts: tuple[str, ...]
    commit: str
    priority: str
    not_before: str
    created: str
    updated: str
    started: str
    finished: str
    attempt: int
    worker: str
    waits_for: str
    cancel_by: str
    approvals: ApprovalsView | None
    stats: dict[str, Counts]
    rerun_of: str
    schedule: str
    serial: int
    canary: int
    seq: int


def job_view(job: Job) -> JobView:
    spec = job.spec
    return JobView(
        id=spec.id,
        action=spec.action,
        request=Scrubber(telling(spec.request)).value(spec.request),
        state=job.state,
        reason=job.reason,
        actor=spec.actor,
        via=spec.via,
        risk=spec.risk,
        rule=spec.rule,
        env=spec.env,
        hosts=spec.hosts,
        commit=spec.commit,
        priority=spec.options.priority,
        not_before=spec.options.not_before,
        created=spec.created,
        updated=job.updated,
        started=job.started,
        finished=job.finished,
        attempt=job.attempt,
        worker=job.worker,
        waits_for=job.waits_for,
        cancel_by=job.cancel_by,
        approvals=_approvals(job),
        stats=job.stats,
        rerun_of=spec.rerun_of,
        schedule=spec.schedule,
        serial=spec.serial,
        canary=spec.canary,
        seq=job.seq,
    )


def _approvals(job: Job) -> ApprovalsView | None:
    asked = job.spec.approvals
    if asked is None:
        return None
    return ApprovalsView(
        count=asked.count,
        group=asked.group,
        expires=asked.expires,
        digest=asked.digest,
        by=job.approved_by,
    )


class VerdictView(View, frozen=True, kw_only=True):
    effect: str
    rule: str
    reason: str
    text: str


def verdict_view(verdict: Verdict) -> VerdictView:
    return VerdictView(
        effect=verdict.effect.value,
        rule=verdict.rule,
        reason=verdict.reason.value,
        text=verdict.text,
    )


class PlanApprovals(View, frozen=True, kw_only=True):
    count: int
    group: str
    expires_in: float


class PlanView(View, frozen=True, kw_only=True):
    action: str
    request: dict[str, Any]
    risk: str
    env: str
    hosts: tuple[str, ...]
    count: int
    locks: tuple[str, ...]
    commit: str
    serial: int
    canary: int
    approvals: PlanApprovals | None
    verdict: VerdictView
    digest: str


def plan_view(plan: Plan) -> PlanView:
    asked = plan.verdict.approvals
    return PlanView(
        action=plan.action.NAME,
        request=plan.request,
        risk=plan.ask.risk,
        env=plan.scope.env,
        hosts=plan.hosts,
        count=len(plan.hosts),
        locks=tuple(
            lock.resource if lock.mode == "x" else f"{lock.resource} (shared)"
            for lock in plan.locks
        ),
        commit=plan.commit,
        serial=plan.serial,
        canary=plan.canary,
        approvals=PlanApprovals(count=asked.count, group=asked.group, expires_in=asked.expires)
        if asked
        else None,
        verdict=verdict_view(plan.verdict),
        digest=plan.digest,
    )


class JobsView(View, frozen=True, kw_only=True):
    jobs: tuple[JobView, ...]
    next: str | None


class EventsView(View, frozen=True, kw_only=True):
    """Each event: `seq`, `at`, `type` and the fields of its type."""

    events: tuple[dict[str, Any], ...]
    state: State


def event_view(entry: Entry) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(entry.event)
    return {"seq": entry.seq, "at": entry.at, **fields}
