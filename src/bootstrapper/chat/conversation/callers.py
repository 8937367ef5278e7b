"""Who speaks, as the policy knows them: by the chat's id of a person, never by a name.

A person whom the policy does not name is a stranger: no rule is asked, however wide it is.
"""

from typing import Any

import msgspec

from bootstrapper.chat.heard import Place
from bootstrapper.control.parts import Parts
from bootstrapper.control.verdicts import note, refuse
from bootstrapper.policy.actors import Actor
from bootstrapper.policy.rulebook import Policy, user_of_slack, with_groups
from bootstrapper.policy.rules import Ask, Effect
from bootstrapper.policy.verdicts import Reason, Verdict

VIA = "chat"


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """`user`: the chat's id; `known`: whether one of the policy's users has it."""

    actor: Actor
    user: str
    known: bool


def caller_of(policy: Policy, user: str, place: Place) -> Caller:
    name = user_of_slack(policy, user)
    if name is None:
        return Caller(actor=_actor(f"slack:{user}", place), user=user, known=False)
    actor = with_groups(policy, _actor(f"user:{name}", place))
    return Caller(actor=actor, user=user, known=True)


def require_known(parts: Parts, caller: Caller, action: str, **about: Any) -> None:
    """A stranger's ask is denied and audited as any other "no"."""
    if caller.known:
        return
    ask = Ask(actor=caller.actor, action=action, channel=caller.actor.channel, **about)
    verdict = Verdict(effect=Effect.DENY, reason=Reason.STRANGER, text=how_to_be_known(caller.user))
    note(parts, ask, verdict)
    raise refuse(verdict)


def how_to_be_known(user: str) -> str:
    return (
        f"the policy knows no user with the chat id {user}: who keeps the policy can add it, "
        f'as `[users.<name>] slack = ["{user}"]`; until then I answer `whoami` alone'
    )


def _actor(name: str, place: Place) -> Actor:
    return Actor(name=name, via=VIA, channel=place.judged)
