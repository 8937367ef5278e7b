"""A job is judged once more before it starts: who waited finds another world than who asked.

A freeze that has begun lets it wait; a policy that now says no ends it; one that now wants (other)
approvals asks for them anew.
"""

from datetime import timedelta

import msgspec

from bootstrapper.clock import to_text, utc_now
from bootstrapper.control.cancel import wake
from bootstrapper.control.launch import waits_for_time
from bootstrapper.control.parts import Parts
from bootstrapper.control.plan import ask_again, digest_of_job, judge_again
from bootstrapper.control.verdicts import note
from bootstrapper.errors import Error, Unavailable
from bootstrapper.events import JobWaiting
from bootstrapper.jobs.job import Approvals, Job
from bootstrapper.jobs.states import State
from bootstrapper.policy.actors import Actor
from bootstrapper.policy.rulebook import Policy, with_groups
from bootstrapper.policy.rules import Effect
from bootstrapper.policy.verdicts import Reason, Verdict

FREEZE = "freeze"


def let_in(parts: Parts, job_id: str) -> bool:
    """Before a claim: whether the job may be taken. A claim takes those along that may share its
    run, so they are looked at too."""
    job = next(parts.jobs.many([job_id]), None)
    if job is None or not job.claimable:
        return False
    for mate in parts.jobs.many(parts.jobs.mates(job)):
        if mate.claimable:
            _may_start(parts, mate, waited=False)
    return _may_start(parts, job, waited=False)


def release(parts: Parts, job: Job) -> None:
    """Let a job go that waited for people, for its time or for a freeze to end, if it may."""
    if not _may_start(parts, job, waited=True):
        return
    if waiting := waits_for_time(job.spec):
        parts.jobs.hold(job.id, waiting)
    elif parts.jobs.make_ready(job.id):
        parts.tickets.put(job.id, job.spec.options.priority)


def _may_start(parts: Parts, job: Job, *, waited: bool) -> bool:
    """If not, its record says why: it waits for something else now, or has ended.

    A verdict that changes nothing is audited only where the job `waited` for it.
    """
    policy = parts.rules.current()  # an unreadable policy is no fault of the job
    try:
        ask = ask_again(parts, job)
    except Unavailable:
        raise
    except Error as error:
        parts.jobs.finish(job, State.ERROR, str(error), only_from=[State.PENDING, State.WAITING])
        return False
    verdict = judge_again(parts, ask)
    frozen = verdict.reason is Reason.FROZEN
    if frozen and job.waits_for == FREEZE:
        return False
    passes = verdict.effect is Effect.ALLOW or _is_approved(policy, job, verdict)
    if waited or not passes:
        note(parts, ask, verdict, job=job.id)
    if frozen:
        parts.jobs.hold(job.id, JobWaiting(verdict.text, FREEZE))
    elif verdict.effect is Effect.DENY:
        _end(parts, job, f"no longer allowed: {verdict.text}")
    elif not passes:
        _ask_for_approvals(parts, job, verdict)
    return passes


def _is_approved(policy: Policy, job: Job, verdict: Verdict) -> bool:
    """Whether those who have approved are those, and as many, as the policy wants now."""
    had, wanted = job.spec.approvals, verdict.approvals
    if had is None or wanted is None:
        return False
    members = [name for name in job.approved_by if _is_in(policy, wanted.group, name)]
    return had.group == wanted.group and len(members) >= wanted.count


def _is_in(policy: Policy, group: str, name: str) -> bool:
    return group in with_groups(policy, Actor(name=name)).groups


def _end(parts: Parts, job: Job, why: str) -> None:
    not_yet_run = [State.PENDING, State.WAITING]
    wake(parts, parts.jobs.finish(job, State.CANCELED, why, only_from=not_yet_run))


def _ask_for_approvals(parts: Parts, job: Job, verdict: Verdict) -> None:
    wanted = verdict.approvals
    if wanted is None:
        return
    expires = to_text(utc_now() + timedelta(seconds=wanted.expires))
    digest = digest_of_job(job.spec, verdict.rule)
    asked = Approvals(count=wanted.count, group=wanted.group, expires=expires, digest=digest)
    spec = msgspec.structs.replace(job.spec, approvals=asked, rule=verdict.rule)
    text = f"the policy now asks for {wanted.count} approvals of {wanted.group}"
    parts.jobs.ask_anew(spec, JobWaiting(text, "approval", wanted.group))
