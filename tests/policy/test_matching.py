from datetime import UTC, datetime
from typing import Any

import pytest

from bootstrapper.policy.actors import Actor
from bootstrapper.policy.matching import miss
from bootstrapper.policy.rules import Ask, Effect, Rule, Window

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
ALICE = Actor(name="user:alice", groups=frozenset({"ops", "web"}))
ROLES = {"action": "apply-roles", "roles": ("web",), "hosts": ("web-1", "web-2"), "env": "prod"}
MODULE = {"action": "run-module", "module": "command", "args": "uptime", "hosts": ("web-1",)}
MOUNT = {**MODULE, "module": "mount", "module_aliases": ("ansible.posix.mount",)}
POSIX = {"module": "ansible.posix.mount", "module_aliases": ("mount",)}

EVERY_MATCHER = [
    # matchers, what is asked, allow's first miss, deny's first miss ("": it matches)
    ({}, ROLES, "", ""),
    ({"actions": ("apply-*",)}, ROLES, "", ""),
    ({"actions": ("jobs.*",)}, ROLES, "actions", "actions"),
    ({"risks": ("change",)}, ROLES, "", ""),
    ({"risks": ("read",)}, ROLES, "risks", "risks"),
    ({"envs": ("prod",)}, ROLES, "", ""),
    ({"envs": ("Prod",)}, ROLES, "envs", "envs"),
    ({"envs": ("stag*",)}, ROLES, "envs", "envs"),
    ({"envs": ("prod",)}, {**ROLES, "env": ""}, "envs", ""),
    ({"envs": ("prod",)}, {"action": "jobs.cancel"}, "envs", "envs"),
    ({"envs": ("*",)}, {"action": "jobs.cancel"}, "envs", "envs"),
    ({"hosts": ("web-*",)}, ROLES, "", ""),
    ({"hosts": ("web-1",)}, ROLES, "hosts", ""),
    ({"hosts": ("db-*",)}, ROLES, "hosts", "hosts"),
    ({"hosts": ("10.0.0.*",)}, {**ROLES, "aliases": ("10.0.0.5",)}, "hosts", ""),
    ({"hosts": ("db-*",)}, {**ROLES, "aliases": ("10.0.0.5",)}, "hosts", "hosts"),
    ({"hosts": ("db-*",)}, {**ROLES, "hosts": ()}, "hosts", ""),
    ({"hosts": ("db-*",)}, {"action": "jobs.cancel"}, "hosts", "hosts"),
    ({"roles": ("web", "app")}, {**ROLES, "roles": ("web", "app")}, "", ""),
    ({"roles": ("web",)}, {**ROLES, "roles": ("web", "app")}, "roles", ""),
    ({"roles": ("web",)}, MODULE, "roles", "roles"),
    ({"playbooks": ("site.yml",)}, {"action": "run-playbook", "playbook": "site.yml"}, "", ""),
    ({"playbooks": ("site.yml",)}, ROLES, "playbooks", "playbooks"),
    ({"modules": ("command",)}, MODULE, "", ""),
    ({"modules": ("ansible.builtin.*",)}, MODULE, "", ""),
    ({"modules": ("shell",)}, {**MODULE, "module": "ansible.builtin.shell"}, "", ""),
    ({"modules": ("shell",)}, {**MODULE, "module": "ansible.legacy.shell"}, "", ""),
    ({"modules": ("shell",)}, {**MODULE, "module": "my.own.shell"}, "modules", "modules"),
    ({"modules": ("ansible.posix.mount",)}, MOUNT, "", ""),
    ({"modules": ("ansible.posix.*",)}, MOUNT, "", ""),
    ({"modules": ("ansible.builtin.mount",)}, {**MOUNT, **POSIX}, "", ""),
    ({"modules": ("mount",)}, {**MOUNT, **POSIX}, "", ""),
    ({"modules": ("ansible.posix.sysctl",)}, MOUNT, "modules", "modules"),
    ({"args": ("up.*", "who")}, MODULE, "", ""),
    ({"args": ("up",)}, MODULE, "args", "args"),
    ({"args": (".*",)}, {**MODULE, "args": "uptime\nreboot"}, "args", ""),
    ({"args": (".*reboot",)}, {**MODULE, "args": "uptime\nreboot"}, "args", ""),
    ({"args": (".*",)}, ROLES, "args", "args"),
    ({"args": (".+",)}, {**MODULE, "args": ""}, "args", "args"),
    ({"args": ("",)}, {**MODULE, "args": ""}, "", ""),
    ({"tags": ("config",)}, {**ROLES, "tags": ("config",)}, "", ""),
    ({"tags": ("config",)}, {**ROLES, "tags": ("config", "wipe")}, "tags", ""),
    ({"tags": ("config",)}, {**ROLES, "tags": ("wipe",)}, "tags", "tags"),
    ({"tags": ("wipe",)}, ROLES, "tags", ""),
    ({"tags": ("wipe",)}, {**ROLES, "tags": ("all",)}, "tags", ""),
    ({"tags": ("wipe",)}, MODULE, "tags", "tags"),
    ({"channels": ("C1",)}, {**ROLES, "channel": "C1"}, "", ""),
    ({"channels": ("C1",)}, ROLES, "channels", "channels"),
    ({"channels": ("ops",)}, {**ROLES, "channel": "C1", "channel_name": "ops"}, "", ""),
    ({"channels": ("ops",)}, {**ROLES, "channel": "C2"}, "channels", "channels"),
    ({"channels": ("*",)}, ROLES, "channels", "channels"),
    ({"check": True}, {**ROLES, "check": True}, "", ""),
    ({"check": True}, ROLES, "check", "check"),
    ({"check": False}, {**ROLES, "check": True}, "check", "check"),
    ({"actors": ("user:*",)}, ROLES, "", ""),
    ({"actors": ("token:*", "user:bob")}, ROLES, "actors", "actors"),
    ({"groups": ("ops",)}, ROLES, "", ""),
    ({"groups": ("dba",)}, ROLES, "groups", "groups"),
    ({"groups": ("ops",), "actors": ("user:bob",)}, ROLES, "actors", "actors"),
    ({"windows": (Window(start=9 * 60, end=17 * 60),)}, ROLES, "", ""),
    ({"windows": (Window(days=("sat", "sun")),)}, ROLES, "windows", "windows"),
]


@pytest.mark.parametrize(("matchers", "asked", "allow_miss", "deny_miss"), EVERY_MATCHER)
def test_the_first_matcher_that_does_not_hold(
    matchers: dict[str, Any], asked: dict[str, Any], allow_miss: str, deny_miss: str
) -> None:
    ask = Ask(actor=ALICE, **asked)
    expected = {
        Effect.ALLOW: allow_miss,
        Effect.APPROVE: allow_miss,
        Effect.DENY: deny_miss,
    }

    for effect, matcher in expected.items():
        missed = miss(Rule(name="r", verdict=effect, **matchers), ask, NOON)

        assert (missed.matcher if missed else "") == matcher, effect


def test_a_group_rule_says_nothing_to_those_in_no_group() -> None:
    ask = Ask(actor=Actor(name="user:bob"), action="apply-roles")
    missed = miss(Rule(name="r", verdict=Effect.ALLOW, groups=("*",)), ask, NOON)

    assert missed is not None
    assert missed.matcher == "groups"


def test_a_miss_says_what_was_asked_and_what_the_rule_is_about() -> None:
    ask = Ask(actor=ALICE, action="apply-roles", env="dev")
    missed = miss(Rule(name="r", verdict=Effect.ALLOW, envs=("prod", "stag*")), ask, NOON)

    assert missed is not None
    assert missed.why == "dev, where the rule is about prod, stag*"
