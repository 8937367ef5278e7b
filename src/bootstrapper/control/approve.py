"""Approvals: n of a group, never the requester, bound to the exact plan, until they expire."""

from bootstrapper.clock import from_text, utc_now
from bootstrapper.control.parts import Parts
from bootstrapper.control.starting import release
from bootstrapper.control.verdicts import note
from bootstrapper.errors import Conflict, Denied
from bootstrapper.events import JobRejected
from bootstrapper.jobs.job import Approvals, Job
from bootstrapper.jobs.states import State
from bootstrapper.policy.actors import Actor
from bootstrapper.policy.rules import Ask, Effect
from bootstrapper.policy.verdicts import Reason, Verdict


def approve(parts: Parts, actor: Actor, job_id: str, digest: str = "") -> Job:
    """`digest`, when given, must be the plan's: who approves says what they saw."""
    job = parts.jobs.get(job_id)
    asked = _open_approvals(parts, actor, job, "jobs.approve")
    _check_seen(asked, digest)
    by = parts.jobs.approve(job, actor.name, asked.count)
    if len(by) >= asked.count:
        release(parts, parts.jobs.get(job_id))
    return parts.jobs.get(job_id)


def reject(parts: Parts, actor: Actor, job_id: str, reason: str = "", *, digest: str = "") -> Job:
    """`digest` as in `approve`."""
    job = parts.jobs.get(job_id)
    _check_seen(_open_approvals(parts, actor, job, "jobs.reject"), digest)
    why = f"rejected by {actor.name}" + (f": {reason}" if reason else "")
    event = JobRejected(actor.name, reason)
    parts.jobs.finish(job, State.CANCELED, why, events=[event], only_from=[State.WAITING])
    job = parts.jobs.get(job_id)
    if (job.state, job.reason) != (State.CANCELED, why):  # who approved or canceled was first
        raise Conflict(f"the job does not wait for approval any more: it is {job.state}")
    return job


def _check_seen(asked: Approvals, digest: str) -> None:
    if digest and digest != asked.digest:
        raise Conflict("the plan is not the one that you saw: look again", field="digest")


def _open_approvals(parts: Parts, actor: Actor, job: Job, action: str) -> Approvals:
    """The approvals that the actor may give; who may not is audited as any other "no"."""
    asked = job.spec.approvals
    if asked is None or job.state is not State.WAITING or job.waits_for != "approval":
        raise Conflict(f"the job does not wait for approval: it is {job.state}")
    why = ""
    if actor.name == job.spec.actor:
        why = "nobody approves what they asked for themselves"
    elif asked.group not in actor.groups:
        why = f"only members of {asked.group} may"
    elif from_text(asked.expires) <= utc_now():
        raise Conflict("the time for approvals is over")
    effect = Effect.DENY if why else Effect.ALLOW
    reason = Reason.DENIED_BY_RULE if why else Reason.ALLOWED
    verdict = Verdict(effect=effect, rule=job.spec.rule, reason=reason, text=why)
    ask = Ask(
        actor=actor, action=action, env=job.spec.env, hosts=job.spec.hosts, channel=actor.channel
    )  # fmt: skip
    note(parts, ask, verdict, job=job.id)
    if why:
        raise Denied(f"{why}, by rule {job.spec.rule!r}", rule=job.spec.rule)
    return asked
