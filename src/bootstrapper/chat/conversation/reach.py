"""What the caller could ever ask for here: for the help, the menus and the forms."""

import msgspec

from bootstrapper.actions.action import Action
from bootstrapper.actions.registry import actions
from bootstrapper.chat.conversation.turn import Turn
from bootstrapper.clock import utc_now
from bootstrapper.policy.reach import may_ever
from bootstrapper.policy.rules import RISKS

READ, CHANGE, _ = RISKS


class Right(msgspec.Struct, frozen=True):
    """What the policy calls an order. `rule`: whether its rules are asked for it: who approves is
    told by the job's own rule, and who may launch by the action's."""

    action: str
    risk: str = READ
    rule: bool = True


RIGHTS = {
    "jobs": Right("jobs.list"),
    "job": Right("jobs.read"),
    "log": Right("jobs.read"),
    "cancel": Right("jobs.cancel", CHANGE),
    "rerun": Right("jobs.rerun", CHANGE, rule=False),
    "approve": Right("jobs.approve", CHANGE, rule=False),
    "reject": Right("jobs.reject", CHANGE, rule=False),
    "nodes": Right("fleet.read"),
    "why": Right("fleet.read"),
    "lock": Right("locks.write", CHANGE),
    "unlock": Right("locks.write", CHANGE),
    "run": Right("actions.run", rule=False),
}
ANYBODY = ("whoami", "help")


def kinds_for(turn: Turn) -> dict[str, type[Action]]:
    if not turn.caller.known:
        return {}
    return {
        name: kind
        for name, kind in actions().items()
        if could(turn, name, kind.RISK.value, **_known_of(kind))
    }


def orders_for(turn: Turn) -> tuple[str, ...]:
    if not turn.caller.known:
        return ANYBODY
    launches, approves = bool(kinds_for(turn)), may_approve(turn)
    others = {
        "run": launches,
        "rerun": launches and could(turn, "jobs.read", READ),
        "approve": approves,
        "reject": approves,
    }
    found = (
        name
        for name, right in RIGHTS.items()
        if (could(turn, right.action, right.risk) if right.rule else others[name])
    )
    return (*found, *ANYBODY)


def could(turn: Turn, action: str, risk: str, **known: object) -> bool:
    policy, actor = turn.parts.rules.current(), turn.actor
    return may_ever(policy, actor, action, utc_now(), risk=risk, channel=actor.channel, **known)


def _known_of(kind: type[Action]) -> dict[str, object]:
    """Without content and without a field for it there is no env, and no rule on envs fits."""
    takes_env = kind.NEEDS_CONTENT or "env" in kind.__struct_fields__
    return {} if takes_env else {"env": ""}


def may_approve(turn: Turn) -> bool:
    rules = turn.parts.rules.current().rules
    return any(rule.approvals and rule.approvals.group in turn.actor.groups for rule in rules)
