"""What the calendar asks for: each schedule's request, with the authority that its maker has now.

A maker who is gone (a token revoked or expired, a user or network that the policy no longer has)
has none, and nothing is done in their name.
"""

import logging
from collections.abc import Collection
from datetime import datetime

from bootstrapper.actions.registry import actions
from bootstrapper.control.launch import Origin, launch
from bootstrapper.control.parts import Parts
from bootstrapper.control.schedules import Schedule
from bootstrapper.control.verdicts import note, refuse
from bootstrapper.errors import Error, Unavailable
from bootstrapper.policy.actors import Actor
from bootstrapper.policy.rulebook import Policy, with_groups
from bootstrapper.policy.rules import Ask, Effect
from bootstrapper.policy.verdicts import Reason, Verdict

logger = logging.getLogger(__name__)


def follow(parts: Parts, now: datetime) -> None:
    """Launch what is due; where that cannot be, the log and the schedule say why."""
    for schedule in parts.schedules.due(now):
        fault = ""
        try:
            _launch(parts, schedule, now)
        except Unavailable:
            raise
        except Error as error:
            fault = str(error)
            logger.error("schedule %s: %s", schedule.name, error)
        parts.schedules.went(schedule, now, fault)


def _launch(parts: Parts, schedule: Schedule, now: datetime) -> None:
    policy = parts.rules.current()
    actor = with_groups(policy, Actor(name=schedule.by, via="schedule"))
    if not _is_there(parts, policy, schedule.by, now):
        text = f"its maker {schedule.by} is gone: set it anew, or remove it"
        verdict = Verdict(effect=Effect.DENY, reason=Reason.MAKER_GONE, text=text)
        note(parts, Ask(actor=actor, action=schedule.action, risk=_risk(schedule)), verdict)
        raise refuse(verdict)
    origin = Origin(key=f"schedule {schedule.name} {schedule.next}", schedule=schedule.name)
    launch(parts, actor, schedule.action, schedule.request, schedule.options, origin)


def _is_there(parts: Parts, policy: Policy, maker: str, now: datetime) -> bool:
    """Whether anybody could still call as this actor: by name in the policy, or by a live token."""
    kind, _, name = maker.partition(":")
    known: dict[str, Collection[str]] = {"user": policy.users, "network": policy.networks}
    if kind not in {*known, "token"} or name in known.get(kind, ()):
        return True
    return any(token.actor == maker and not token.expired(now) for token in parts.tokens.list())


def _risk(schedule: Schedule) -> str:
    kind = actions().get(schedule.action)
    return kind.RISK.value if kind else "change"
