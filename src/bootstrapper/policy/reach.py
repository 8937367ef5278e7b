"""What an actor could ever get, before all of the ask is known: for menus, helps and forms.

Never no where `decide` could say anything else: what is not known yet is taken for whatever fits.
Yes too often does no harm, as the ask itself is judged later. Freezes and budgets pass; windows
count as they are now.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bootstrapper.policy.actors import Actor
from bootstrapper.policy.matching import holding, matches
from bootstrapper.policy.rulebook import Policy, channel_of
from bootstrapper.policy.rules import Ask, Effect, Rule

MATCHERS: Mapping[str, str] = {
    "env": "envs",
    "hosts": "hosts",
    "roles": "roles",
    "playbook": "playbooks",
    "module": "modules",
    "args": "args",
    "tags": "tags",
    "check": "check",
}
"""Field of an ask → the matcher of a rule that looks at it."""
ALWAYS = frozenset({"actions", "risks", "channels", "windows"})
WHO = frozenset({"actors", "groups"})
ALL = ALWAYS | WHO | frozenset(MATCHERS.values())


def may_ever(
    policy: Policy,
    actor: Actor,
    action: str,
    now: datetime,
    *,
    risk: str,
    channel: str = "",
    **known: Any,
) -> bool:
    """Whether some ask with these fields could get more than a no. `known`: fields of `Ask`;
    `channel`: where it is not the actor's own."""
    ask = _ask(policy, actor, action, risk, channel or actor.channel, known)
    return any(True for _ in _letting_through(policy, ask, now, known, WHO))


def who_could(
    policy: Policy, action: str, now: datetime, *, risk: str, channel: str = "", **known: Any
) -> tuple[str, ...]:
    """Actors' globs and `members of …` that some rule would let ask this; "anybody" where it
    names none."""
    ask = _ask(policy, Actor(name=""), action, risk, channel, known)
    found = _letting_through(policy, ask, now, known, frozenset())
    return tuple(dict.fromkeys(who for rule in found for who in _named(rule)))


def _ask(
    policy: Policy, actor: Actor, action: str, risk: str, channel: str, known: Mapping[str, Any]
) -> Ask:
    name = channel_of(policy, channel) if channel else ""
    return Ask(actor=actor, action=action, risk=risk, channel=channel, channel_name=name, **known)


def _letting_through(
    policy: Policy, ask: Ask, now: datetime, known: Mapping[str, Any], who: frozenset[str]
) -> Iterator[Rule]:
    """The rules that might decide for such an ask, and not with a no."""
    given = ALWAYS | who | {MATCHERS[name] for name in known if name in MATCHERS}
    sure = given - _open(ask, known)
    for rule in policy.rules:
        held = holding(rule, ask, now)
        if rule.verdict is Effect.DENY:
            if held >= ALL and all(name in given or not _set(rule, name) for name in ALL):
                return
        elif sure <= held and not _braked(rule, ask):
            yield rule


def _open(ask: Ask, known: Mapping[str, Any]) -> set[str]:
    """What is known but for the half of it that would let more rules fit."""
    unsure = set()
    if "module_aliases" not in known:
        unsure.add("modules")
    if not ask.args and "module" not in known:
        unsure.add("args")
    return unsure


def _set(rule: Rule, matcher: str) -> bool:
    return getattr(rule, matcher) not in ((), None)


def _braked(rule: Rule, ask: Ask) -> bool:
    """Whether a limit stops it already, whatever else is asked."""
    steering = all(matches(name, rule.connection_vars) for name in ask.connection_vars)
    return (ask.patterns and not rule.patterns) or not steering


def _named(rule: Rule) -> tuple[str, ...]:
    found = (*rule.actors, *(f"members of {group}" for group in rule.groups))
    return found or ("anybody",)
