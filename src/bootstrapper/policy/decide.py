"""The verdict on an ask: the first rule that is about it decides; without one the answer is no.

Then a freeze may stop it, then the rule's limits. Pure: the clock, the freezes and what is already
spent are arguments.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from bootstrapper.policy.actors import Actor
from bootstrapper.policy.brakes import Brake, budget_brake, freeze_brake, limit_brake
from bootstrapper.policy.matching import miss
from bootstrapper.policy.rulebook import Policy, channel_of
from bootstrapper.policy.rules import Ask, Effect, Rule
from bootstrapper.policy.verdicts import Freeze, Reason, Step, Verdict

__all__ = ["Freeze", "Reason", "Step", "Verdict", "budget_key", "decide", "spent"]

NOTHING_USED: Mapping[str, int] = {}


def decide(
    policy: Policy,
    ask: Ask,
    *,
    now: datetime,
    freezes: Sequence[Freeze] = (),
    used: Mapping[str, int] = NOTHING_USED,
) -> Verdict:
    """`used`: rule → jobs of this actor that its budget's window already holds."""
    trace: list[Step] = []
    if ask.channel:
        ask = msgspec.structs.replace(ask, channel_name=channel_of(policy, ask.channel))
    for rule in policy.rules:
        missed = miss(rule, ask, now)
        if missed is None:
            trace.append(Step(rule.name))
            brake = _brake(rule, ask, freezes, used.get(rule.name, 0), now)
            return _denied(rule, brake, trace) if brake else _let_through(rule, ask, trace)
        trace.append(Step(rule.name, missed.matcher, missed.why))
    return _unmatched(policy, ask, trace)


def budget_key(verdict: Verdict, actor: Actor) -> str:
    """What `verdict.budget` is counted under: the rule and the actor, and nothing else."""
    return f"{verdict.rule}:{actor.name}"


def spent(verdict: Verdict, ask: Ask) -> Verdict:
    """The verdict turned to no, for when reserving its budget failed after all."""
    if verdict.budget is None:
        return verdict
    brake = budget_brake(verdict.rule, verdict.budget, ask)
    return msgspec.structs.replace(
        verdict, effect=Effect.DENY, reason=brake.reason, text=brake.text, approvals=None
    )


def _brake(
    rule: Rule, ask: Ask, freezes: Sequence[Freeze], used: int, now: datetime
) -> Brake | None:
    if rule.verdict is Effect.DENY:
        why = f": {rule.reason}" if rule.reason else ""
        return Brake(Reason.DENIED_BY_RULE, f"rule {rule.name!r} denies it{why}")
    return freeze_brake(rule, ask, freezes, now) or limit_brake(rule, ask, used)


def _denied(rule: Rule, brake: Brake, trace: Sequence[Step]) -> Verdict:
    return Verdict(
        effect=Effect.DENY,
        rule=rule.name,
        reason=brake.reason,
        text=brake.text,
        budget=rule.budget,
        trace=tuple(trace),
    )


def _let_through(rule: Rule, ask: Ask, trace: Sequence[Step]) -> Verdict:
    serial = min((size for size in (rule.serial, ask.serial) if size), default=0)
    canary = rule.canary or 0
    approve = rule.verdict is Effect.APPROVE
    return Verdict(
        effect=rule.verdict,
        rule=rule.name,
        reason=Reason.NEEDS_APPROVAL if approve else Reason.ALLOWED,
        text=_approval_text(rule) if approve else f"rule {rule.name!r} allows it",
        approvals=rule.approvals if approve else None,
        serial=serial,
        canary=min(canary, serial) if serial else canary,
        budget=rule.budget,
        trace=tuple(trace),
    )


def _approval_text(rule: Rule) -> str:
    asked = rule.approvals
    who = f"{asked.count} of {asked.group}" if asked else "others"
    within = f" within {asked.expires / 60:g} minutes" if asked else ""
    return f"rule {rule.name!r} lets it through once {who} approve{within}" + (
        f": {rule.reason}" if rule.reason else ""
    )


def _unmatched(policy: Policy, ask: Ask, trace: Sequence[Step]) -> Verdict:
    where = f" in {ask.env}" if ask.env else ""
    text = f"no rule allows {ask.actor.name} {ask.action}{where}"
    if could := _who_could(policy, trace):
        text += f"; {could}"
    return Verdict(effect=Effect.DENY, reason=Reason.NO_RULE, text=text, trace=tuple(trace))


def _who_could(policy: Policy, trace: Sequence[Step]) -> str:
    """Those whom a rule would have let do just this: only who asks did not fit."""
    by_name = {rule.name: rule for rule in policy.rules}
    for step in trace:
        rule = by_name[step.rule]
        if rule.verdict is not Effect.DENY and step.failed in {"actors", "groups"}:
            who = [*rule.actors, *(f"members of {group}" for group in rule.groups)]
            return f"{', '.join(who)} could, by rule {rule.name!r}"
    return ""
