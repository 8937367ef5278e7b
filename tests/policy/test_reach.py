from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.policy.actors import Actor
from bootstrapper.policy.decide import decide
from bootstrapper.policy.matching import holding, miss
from bootstrapper.policy.reach import ALL, may_ever, who_could
from bootstrapper.policy.rulebook import Policy
from bootstrapper.policy.rules import Ask, Effect, Rule, Window

MONDAY_NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
ALICE = Actor(name="user:alice", groups=frozenset({"ops"}), via="chat")


def allow(**about: Any) -> Rule:
    return Rule(name="yes", verdict=Effect.ALLOW, **about)


def deny(**about: Any) -> Rule:
    return Rule(name="no", verdict=Effect.DENY, **about)


def may(*rules: Rule, channel: str = "", **known: Any) -> bool:
    policy = Policy(rules=rules, channels={"ops-room": ("C1",)})
    return may_ever(
        policy, ALICE, "apply-roles", MONDAY_NOON, risk="change", channel=channel, **known
    )


REACH: list[tuple[str, tuple[Rule, ...], dict[str, Any], bool]] = [
    ("no rule", (), {}, False),
    ("any rule", (allow(),), {}, True),
    ("an approval is no no", (Rule(name="a", verdict=Effect.APPROVE),), {}, True),
    ("what is not known is open", (allow(envs=("staging",), roles=("base",)),), {}, True),
    ("what is known must fit", (allow(envs=("staging",)),), {"env": "prod"}, False),
    ("it fits", (allow(envs=("sta*",)),), {"env": "staging"}, True),
    ("another action", (allow(actions=("run-module",)),), {}, False),
    ("another risk", (allow(risks=("read",)),), {}, False),
    ("somebody else", (allow(actors=("user:bob",)),), {}, False),
    ("a group of hers", (allow(groups=("ops",)),), {}, True),
    ("another group", (allow(groups=("dba",)),), {}, False),
    ("only in a channel", (allow(channels=("ops-room",)),), {}, False),
    ("in that channel", (allow(channels=("ops-room",)),), {"channel": "C1"}, True),
    ("outside of its hours", (allow(windows=(Window(days=("sun",)),)),), {}, False),
    ("a deny of everything comes first", (deny(), allow()), {}, False),
    ("a deny that comes later", (allow(), deny()), {}, True),
    ("a deny of something else", (deny(envs=("prod",)), allow()), {}, True),
    ("a deny of just this", (deny(envs=("prod",)), allow()), {"env": "prod"}, False),
    (
        "a deny of half of this",
        (deny(envs=("prod",), roles=("db",)), allow()),
        {"env": "prod"},
        True,
    ),
    ("a deny of an env not known yet", (deny(envs=("prod",)), allow()), {"roles": ("a",)}, True),
    ("arguments of a module not known yet", (allow(args=("",)),), {"args": ""}, True),
    ("a deny of dry runs alone", (deny(check=True), allow()), {}, True),
    ("one host of two", (allow(hosts=("web-*",)),), {"hosts": ("web-1", "db-1")}, False),
    ("groups of hosts", (allow(),), {"patterns": True}, False),
    ("groups of hosts, allowed", (allow(patterns=True),), {"patterns": True}, True),
    ("a steering variable", (allow(),), {"connection_vars": ("ansible_user",)}, False),
    ("a module that may have other names", (allow(modules=("a.b.c",)),), {"module": "c"}, True),
    (
        "a module with no other names",
        (allow(modules=("a.b.c",)),),
        {"module": "c", "module_aliases": ()},
        False,
    ),
]


@pytest.mark.parametrize(
    ("rules", "known", "expected"), [case[1:] for case in REACH], ids=[case[0] for case in REACH]
)
def test_what_could_ever_be_had(rules: tuple[Rule, ...], known: Any, expected: bool) -> None:
    assert may(*rules, **known) is expected


def test_who_else_could_is_told_by_name_and_group() -> None:
    rules = (
        deny(actors=("user:eve",)),
        allow(actors=("user:bob",), groups=("sre",), envs=("prod",)),
        allow(groups=("qa",), envs=("staging",)),
        deny(envs=("prod",)),
        allow(),
    )

    def who(**known: Any) -> tuple[str, ...]:
        return who_could(Policy(rules=rules), "apply-roles", MONDAY_NOON, risk="change", **known)

    assert who(env="prod") == ("user:bob", "members of sre")
    assert who(env="staging") == ("members of qa", "anybody")


# — whatever the rules and the ask are —

NAMES = st.sampled_from(["a", "b", "c"])
FEW = st.lists(NAMES, max_size=2, unique=True).map(tuple)
GLOBS = st.one_of(
    st.just(()), st.just(()), st.lists(st.sampled_from("abc*"), min_size=1, max_size=2)
)
ARGS = st.one_of(st.just(()), st.sampled_from([("a",), ("",), (".*",), ("b?",)]))
MAYBE = st.sampled_from(["", "a", "b", "c"])

RULES = st.builds(
    Rule,
    name=st.just("r"),
    verdict=st.sampled_from(Effect),
    check=st.sampled_from([None, None, True, False]),
    args=ARGS,
    windows=st.sampled_from([(), (), (Window(days=("mon",)),), (Window(days=("sun",)),)]),
    patterns=st.booleans(),
    connection_vars=GLOBS.map(tuple),
    max_hosts=st.sampled_from([None, None, 1]),
    **{
        matcher: GLOBS.map(tuple)
        for matcher in (
            *("actions", "risks", "playbooks", "roles", "modules", "tags", "envs", "hosts"),
            *("channels", "actors", "groups"),
        )
    },
)
ASKS = st.builds(
    Ask,
    actor=st.builds(Actor, name=NAMES, groups=FEW.map(frozenset)),
    action=NAMES,
    risk=NAMES,
    env=MAYBE,
    hosts=FEW,
    aliases=FEW,
    roles=FEW,
    playbook=MAYBE,
    module=MAYBE,
    module_aliases=FEW,
    args=MAYBE,
    tags=FEW,
    patterns=st.booleans(),
    connection_vars=FEW,
    check=st.booleans(),
    channel=MAYBE,
)
UNKNOWN = ("env", "hosts", "aliases", "roles", "playbook", "module", "module_aliases", "args")
OPEN = (*UNKNOWN, "tags", "patterns", "connection_vars", "check", "serial", "fleet")


@given(
    rules=st.lists(RULES, max_size=4).map(tuple),
    ask=ASKS,
    known=st.sets(st.sampled_from(OPEN)),
)
def test_it_is_never_no_where_the_verdict_could_be_yes(
    rules: tuple[Rule, ...], ask: Ask, known: set[str]
) -> None:
    policy = Policy(rules=rules, channels={"a": ("b",)})
    if decide(policy, ask, now=MONDAY_NOON).effect is Effect.DENY:
        return
    fields = {name: value for name, value in msgspec.structs.asdict(ask).items() if name in known}

    assert may_ever(
        policy,
        ask.actor,
        ask.action,
        MONDAY_NOON,
        risk=ask.risk,
        channel=ask.channel,
        **fields,
    )


@given(rule=RULES, ask=ASKS)
def test_a_rule_is_about_what_all_of_its_matchers_hold_for(rule: Rule, ask: Ask) -> None:
    missed = miss(rule, ask, MONDAY_NOON)
    held = holding(rule, ask, MONDAY_NOON)

    assert (missed is None) == (held >= ALL)
    assert missed is None or missed.matcher not in held
