from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.policy.actors import Actor
from bootstrapper.policy.decide import Freeze, Reason, Step, budget_key, decide, spent
from bootstrapper.policy.file import DEFAULT, Policy
from bootstrapper.policy.rules import Approvals, Ask, Budget, Effect, Rule

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALICE = Actor(name="user:alice", groups=frozenset({"ops"}))
TWO_OF_ONCALL = Approvals(count=2, group="oncall", expires=1800)


def hosts(count: int) -> tuple[str, ...]:
    return tuple(f"web-{number}" for number in range(count))


def ask(**about: Any) -> Ask:
    base = {"actor": ALICE, "action": "apply-roles", "env": "prod", "roles": ("web",)}
    return Ask(**{**base, "hosts": ("web-1",), "fleet": 10, **about})


def rule(name: str = "deploy", verdict: Effect = Effect.ALLOW, **about: Any) -> Rule:
    return Rule(name=name, verdict=verdict, **about)


def policy(*rules: Rule) -> Policy:
    return Policy(rules=rules)


# — which rule —


@pytest.mark.parametrize(
    ("channel", "effect"),
    [
        ("C0OPS", Effect.ALLOW),
        ("direct", Effect.ALLOW),
        ("C0OTHER", Effect.DENY),
        ("", Effect.DENY),
    ],
)
def test_a_channel_has_the_name_that_the_policy_gives_its_id(channel: str, effect: Effect) -> None:
    named = Policy(rules=(rule(channels=("ops", "direct")),), channels={"ops": ("C0OPS",)})

    assert decide(named, ask(channel=channel), now=NOON).effect is effect


def test_the_first_match_wins() -> None:
    deny = rule("no", Effect.DENY, envs=("prod",), reason="not today")
    allow = rule("yes")

    assert decide(policy(deny, allow), ask(), now=NOON).rule == "no"
    assert decide(policy(allow, deny), ask(), now=NOON).rule == "yes"


def test_a_rule_whose_limit_is_exceeded_does_not_hand_on_to_the_next() -> None:
    verdict = decide(policy(rule("small", max_hosts=1), rule("any")), ask(hosts=hosts(2)), now=NOON)

    assert (verdict.effect, verdict.rule) == (Effect.DENY, "small")


def test_without_a_match_the_answer_is_no_and_says_who_could() -> None:
    verdict = decide(
        policy(rule("dev", envs=("dev",)), rule("prod", groups=("sre",), actors=("user:*",))),
        ask(),
        now=NOON,
    )

    assert verdict.effect is Effect.DENY
    assert verdict.reason is Reason.NO_RULE
    assert verdict.text == (
        "no rule allows user:alice apply-roles in prod; "
        "user:*, members of sre could, by rule 'prod'"
    )


def test_the_trace_tells_where_each_rule_failed() -> None:
    verdict = decide(
        policy(rule("dev", envs=("dev",)), rule("read", risks=("read",)), rule("ok"), rule("more")),
        ask(),
        now=NOON,
    )

    assert [(step.rule, step.failed) for step in verdict.trace] == [
        ("dev", "envs"),
        ("read", "risks"),
        ("ok", ""),
    ]
    assert verdict.trace[-1] == Step("ok")


def test_a_deny_gives_its_reason() -> None:
    verdict = decide(policy(rule("no-prod", Effect.DENY, reason="ask sre")), ask(), now=NOON)

    assert verdict.reason is Reason.DENIED_BY_RULE
    assert verdict.text == "rule 'no-prod' denies it: ask sre"


def test_an_approval_carries_who_must_approve() -> None:
    asked = rule("prod", Effect.APPROVE, approvals=TWO_OF_ONCALL)
    verdict = decide(policy(asked), ask(), now=NOON)

    assert (verdict.effect, verdict.reason) == (Effect.APPROVE, Reason.NEEDS_APPROVAL)
    assert verdict.approvals == TWO_OF_ONCALL
    assert verdict.text == "rule 'prod' lets it through once 2 of oncall approve within 30 minutes"


def test_without_a_file_only_the_owner_may_act() -> None:
    owner = Actor(name="system:owner", via="cli")
    wild = ask(actor=owner, patterns=True, connection_vars=("ansible_host",))
    freeze = Freeze(id="1", since=NOON)

    assert decide(DEFAULT, wild, now=NOON, freezes=[freeze]).effect is Effect.ALLOW
    assert decide(DEFAULT, ask(), now=NOON).reason is Reason.NO_RULE


# — limits —

LIMITS = [
    # the rule's limits, the ask, the reason, what the sentence says
    ({}, {"patterns": True}, Reason.PATTERN_NOT_ALLOWED, "name each host"),
    ({"patterns": True}, {"patterns": True}, Reason.ALLOWED, ""),
    ({}, {"connection_vars": ("ansible_host",)}, Reason.CONNECTION_VARS, "ansible_host"),
    (
        {"connection_vars": ("ansible_p*",)},
        {"connection_vars": ("ansible_port", "ansible_user")},
        Reason.CONNECTION_VARS,
        "set ansible_user:",
    ),
    (
        {"connection_vars": ("ansible_p*",)},
        {"connection_vars": ("ansible_port",)},
        Reason.ALLOWED,
        "",
    ),
    ({"max_hosts": 3}, {"hosts": hosts(3)}, Reason.ALLOWED, ""),
    ({"max_hosts": 3}, {"hosts": hosts(5)}, Reason.TOO_MANY_HOSTS, "2 too many"),
    ({"max_hosts": 3}, {"hosts": ("web-1",) * 5}, Reason.ALLOWED, ""),
    ({"max_hosts": 3}, {"hosts": ()}, Reason.TOO_MANY_HOSTS, "this is 10"),
    ({"max_hosts": 3}, {"hosts": (), "fleet": 0}, Reason.SIZE_UNKNOWN, "name the hosts"),
    ({"max_hosts": 3}, {"hosts": (), "roles": (), "fleet": 99}, Reason.ALLOWED, ""),
    ({"max_percent": 20.0}, {"hosts": hosts(2)}, Reason.ALLOWED, ""),
    ({"max_percent": 20.0}, {"hosts": hosts(3)}, Reason.TOO_LARGE_A_SHARE, "at most 2 would"),
    ({"max_percent": 99.0}, {"hosts": ()}, Reason.TOO_LARGE_A_SHARE, "10 of 10 hosts are 100 %"),
    ({"max_percent": 99.0}, {"fleet": 0}, Reason.SIZE_UNKNOWN, "name the hosts"),
]


@pytest.mark.parametrize(("limits", "asked", "reason", "says"), LIMITS)
def test_limit(limits: Mapping[str, Any], asked: Any, reason: Reason, says: str) -> None:
    verdict = decide(policy(rule(**limits)), ask(**asked), now=NOON)

    assert verdict.reason is reason
    assert verdict.effect is (Effect.ALLOW if reason is Reason.ALLOWED else Effect.DENY)
    assert says in verdict.text
    assert "'deploy'" in verdict.text


def test_limits_bind_what_needs_approval_too() -> None:
    asked = rule("prod", Effect.APPROVE, approvals=TWO_OF_ONCALL, max_hosts=1)
    verdict = decide(policy(asked), ask(hosts=hosts(2)), now=NOON)

    assert verdict.reason is Reason.TOO_MANY_HOSTS
    assert verdict.approvals is None


@pytest.mark.parametrize(
    ("limits", "asked", "serial", "canary"),
    [
        ({}, 0, 0, 0),
        ({}, 4, 4, 0),
        ({"serial": 3}, 0, 3, 0),
        ({"serial": 3}, 4, 3, 0),
        ({"serial": 3}, 2, 2, 0),
        ({"canary": 1}, 0, 0, 1),
        ({"serial": 5, "canary": 3}, 2, 2, 2),
    ],
)
def test_the_smaller_batch_wins(
    limits: Mapping[str, Any], asked: int, serial: int, canary: int
) -> None:
    verdict = decide(policy(rule(**limits)), ask(serial=asked), now=NOON)

    assert (verdict.serial, verdict.canary) == (serial, canary)


# — budgets —

TWENTY = Budget(20, 3600)


@pytest.mark.parametrize(
    ("used", "reason"),
    [
        ({}, Reason.ALLOWED),
        ({"deploy": 19}, Reason.ALLOWED),
        ({"deploy": 20}, Reason.BUDGET_SPENT),
        ({"other": 99}, Reason.ALLOWED),
    ],
)
def test_budget(used: Mapping[str, int], reason: Reason) -> None:
    verdict = decide(policy(rule(budget=TWENTY)), ask(), now=NOON, used=used)

    assert verdict.reason is reason
    assert verdict.budget == TWENTY


def test_a_budget_is_counted_by_rule_and_actor() -> None:
    verdict = decide(policy(rule(budget=TWENTY)), ask(), now=NOON)

    assert budget_key(verdict, ALICE) == "deploy:user:alice"


def test_a_budget_lost_to_another_job_turns_the_verdict_to_no() -> None:
    verdict = spent(decide(policy(rule(budget=TWENTY)), ask(), now=NOON), ask())

    assert (verdict.effect, verdict.reason) == (Effect.DENY, Reason.BUDGET_SPENT)
    assert verdict.text == (
        "rule 'deploy' gives user:alice 20/hour, and that is spent: try again later"
    )


# — freezes —

PROD = Freeze(
    id="1", env="prod", since=NOON - HOUR, until=NOON + HOUR, by="user:eve", reason="sale"
)


@pytest.mark.parametrize(
    ("freeze", "about", "asked", "frozen"),
    [
        pytest.param(PROD, {}, {}, True, id="a change in a frozen env"),
        pytest.param(PROD, {}, {"risk": "destructive"}, True, id="destructive"),
        pytest.param(PROD, {}, {"risk": "read"}, False, id="reading goes on"),
        pytest.param(PROD, {}, {"env": "dev"}, False, id="another env"),
        pytest.param(PROD, {}, {"env": ""}, True, id="which env was not said"),
        pytest.param(
            PROD, {}, {"env": "", "hosts": (), "roles": ()}, False, id="touches no machine"
        ),
        pytest.param(Freeze(id="2", since=NOON), {}, {"env": "dev"}, True, id="all envs"),
        pytest.param(PROD, {"during_freeze": True}, {}, False, id="the rule stands above it"),
        pytest.param(
            Freeze(id="3", since=NOON + HOUR), {}, {}, False, id="it has not begun"
        ),
        pytest.param(
            Freeze(id="4", since=NOON - HOUR, until=NOON), {}, {}, False, id="it is over"
        ),
    ],
)  # fmt: skip
def test_freeze(freeze: Freeze, about: Any, asked: Any, frozen: bool) -> None:
    verdict = decide(policy(rule(**about)), ask(**asked), now=NOON, freezes=[freeze])

    assert verdict.reason is (Reason.FROZEN if frozen else Reason.ALLOWED)


def test_a_freeze_says_until_when_by_whom_and_why() -> None:
    verdict = decide(policy(rule()), ask(), now=NOON, freezes=[PROD])

    assert verdict.text == (
        "prod is frozen by user:eve until 2026-01-05 13:00 UTC (sale), "
        "and rule 'deploy' has no during_freeze"
    )


# — what holds for any policy —

names = st.sampled_from(["a", "b", "c"])
some = st.lists(names, max_size=3).map(tuple)
rules_strategy = st.lists(
    st.builds(
        Rule,
        name=st.uuids().map(str),
        verdict=st.sampled_from(Effect),
        envs=some,
        hosts=some,
        roles=some,
        tags=some,
    ),
    max_size=6,
)
asks_strategy = st.builds(
    Ask,
    actor=st.just(ALICE),
    action=names,
    env=st.sampled_from(["", "a", "b"]),
    hosts=some,
    roles=some,
    tags=some,
)


@given(rules_strategy, asks_strategy)
def test_naming_less_never_opens_a_door(rules: list[Rule], wanted: Ask) -> None:
    """Who is denied by a deny rule is not let in by leaving out where it would happen."""
    for deny in (each for each in rules if each.verdict is Effect.DENY):
        gate = policy(deny, rule("rest"))
        named = decide(gate, wanted, now=NOON)
        vague = Ask(actor=ALICE, action=wanted.action, roles=wanted.roles, playbook="p")
        if named.rule == deny.name and wanted.roles:
            assert decide(gate, vague, now=NOON).rule == deny.name


@given(rules_strategy, asks_strategy)
def test_a_deny_rule_in_front_never_lets_more_through(rules: list[Rule], wanted: Ask) -> None:
    before = decide(policy(*rules), wanted, now=NOON)
    after = decide(policy(rule("shut", Effect.DENY), *rules), wanted, now=NOON)

    assert after.effect is Effect.DENY
    assert before.text
    assert len({step.rule for step in before.trace}) <= len(rules)
