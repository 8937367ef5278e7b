"""Is a rule about an ask? Pure, and safe in both directions.

A rule that lets through (allow, approve) must cover EVERYTHING the ask names, and what the ask
does not name it cannot cover. A rule that denies needs to touch ANYTHING the ask names; and where
an ask runs on machines without saying which, that may be any of them.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from fnmatch import fnmatchcase

from msgspec import Struct

from bootstrapper.policy.rules import Ask, Effect, Rule

BUILT_IN = ("ansible.builtin.", "ansible.legacy.")
WHOLE_PLAY = {"all", "tagged"}  # Ansible's own tags that select what other tags name

Fits = Callable[[str, Sequence[str]], bool]


class Miss(Struct, frozen=True):
    """The first matcher that did not hold, and why, for people."""

    matcher: str
    why: str


class _Said(Struct, frozen=True):
    """What an ask says to one matcher; `may_be_any`: nothing said, and any may be meant.

    `aliases` say the same once more: they can only get an ask denied. `same` are other names of
    the one value, and each is as good as it.
    """

    matcher: str
    values: tuple[str, ...]
    may_be_any: bool = False
    aliases: tuple[str, ...] = ()
    same: tuple[str, ...] = ()


def miss(rule: Rule, ask: Ask, now: datetime) -> Miss | None:
    """None when the rule is about the ask."""
    for said in _what_and_where(ask):
        if not _holds(rule, said):
            return _missed(rule, said)
    if rule.check is not None and rule.check != ask.check:
        return Miss("check", "only dry runs" if rule.check else "no dry runs")
    if rule.windows and not any(now in window for window in rule.windows):
        return Miss("windows", f"only {'; '.join(map(str, rule.windows))}")
    # Who comes last: a rule that is missed here would have been about somebody else's ask.
    return next((_missed(rule, said) for said in _who(ask) if not _holds(rule, said)), None)


def holding(rule: Rule, ask: Ask, now: datetime) -> frozenset[str]:
    """The matchers that hold for this ask, each by its name; those that the rule leaves out do."""
    said = {each.matcher for each in (*_what_and_where(ask), *_who(ask)) if _holds(rule, each)}
    if rule.check is None or rule.check == ask.check:
        said.add("check")
    if not rule.windows or any(now in window for window in rule.windows):
        said.add("windows")
    return frozenset(said)


def matches(text: str, globs: Sequence[str]) -> bool:
    return any(fnmatchcase(text, glob) for glob in globs)


def _what_and_where(ask: Ask) -> tuple[_Said, ...]:
    all_tags = not ask.tags or bool(WHOLE_PLAY & {*ask.tags})
    return (
        _Said("actions", (ask.action,)),
        _Said("risks", (ask.risk,)),
        _Said("playbooks", _named(ask.playbook)),
        _Said("roles", ask.roles),
        _Said("modules", _named(ask.module), same=ask.module_aliases),
        # A module without arguments has said so: they are the empty text.
        _Said("args", (ask.args,) if ask.module else _named(ask.args)),
        _Said("tags", ask.tags, all_tags and bool(ask.roles or ask.playbook)),
        _Said("envs", _named(ask.env), ask.runs and not ask.env),
        _Said("hosts", ask.hosts, ask.runs and not ask.hosts, ask.aliases),
        _Said("channels", _named(ask.channel), same=_named(ask.channel_name)),
    )


def _who(ask: Ask) -> tuple[_Said, ...]:
    return (
        _Said("actors", (ask.actor.name,)),
        _Said("groups", tuple(sorted(ask.actor.groups))),
    )


def _named(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _holds(rule: Rule, said: _Said) -> bool:
    wanted: tuple[str, ...] = getattr(rule, said.matcher)
    if not wanted:
        return True
    fits = _fits(rule.verdict, said)
    if rule.verdict is Effect.DENY:
        return said.may_be_any or any(
            fits(value, wanted) for value in (*said.values, *said.aliases)
        )
    if said.matcher == "groups":  # one group of many is enough to be let in
        return any(fits(value, wanted) for value in said.values)
    return bool(said.values) and all(fits(value, wanted) for value in said.values)


def _fits(verdict: Effect, said: _Said) -> Fits:
    if said.matcher == "args":
        # A line break must hide nothing from a deny and smuggle nothing past an allow.
        flags = re.DOTALL if verdict is Effect.DENY else re.NOFLAG
        return lambda text, patterns: any(re.fullmatch(each, text, flags) for each in patterns)
    if said.matcher == "modules":
        same = [each for name in said.same for each in _module_names(name)]
        return lambda name, globs: any(matches(n, globs) for n in (*_module_names(name), *same))
    if said.same:
        return lambda text, globs: any(matches(each, globs) for each in (text, *said.same))
    return matches


def _module_names(name: str) -> tuple[str, ...]:
    """`shell` and `ansible.builtin.shell` are one module: no rule may be dodged by its spelling."""
    short = next((name.removeprefix(each) for each in BUILT_IN if name.startswith(each)), name)
    return (name,) if "." in short else (short, *(each + short for each in BUILT_IN))


def _missed(rule: Rule, said: _Said) -> Miss:
    wanted = ", ".join(getattr(rule, said.matcher))
    named = ", ".join(said.values[:5]) + (", …" if len(said.values) > 5 else "")  # noqa: PLR2004
    return Miss(said.matcher, f"{named or 'nothing named'}, where the rule is about {wanted}")
