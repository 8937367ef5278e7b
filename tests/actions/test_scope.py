"""What each action would touch, checked against a catalogue: pure."""

from typing import Any

import pytest

from bootstrapper.actions.action import Scope
from bootstrapper.actions.registry import parse
from bootstrapper.errors import Mistake
from bootstrapper.jobs.job import Lock
from bootstrapper.playbooks.catalogue import Catalogue, Host, Inventory, Playbook, Role

PROD = Inventory(
    {name: Host(name) for name in ("web-1", "web-2", "db-1")}, {"web": ("web-1", "web-2")}
)
CONTENT = Catalogue(
    commit="c",
    roles={"base": Role("base"), "alone": Role("alone", alone="it uses run_once")},
    playbooks={
        "site.yml": Playbook("site.yml", hosts={"prod": ("web-1", "web-2"), "staging": ()}),
        "code.yml": Playbook("code.yml", hosts={"prod": ("web-1",)}),
    },
    envs={"prod": PROD, "staging": Inventory()},
    update_code="code.yml",
)


def scope(name: str, **request: Any) -> Scope:
    return parse(name, request).scope(CONTENT)


@pytest.mark.parametrize(
    ("name", "request_", "field"),
    [
        ("apply-roles", {"roles": [], "hosts": ["web-1"]}, "roles"),
        ("apply-roles", {"roles": ["base", "bsae"], "hosts": ["web-1"]}, "roles[1]"),
        ("apply-roles", {"roles": ["base"], "hosts": []}, "hosts"),
        ("apply-roles", {"roles": ["base"], "hosts": ["web-9"]}, "hosts[0]"),
        ("apply-roles", {"roles": ["base"], "hosts": ["web-1"], "tags": ["a b"]}, "tags[0]"),
        ("apply-roles", {"roles": ["base"], "hosts": ["web-1"], "skip_tags": ["x", "{{"]},
         "skip_tags[1]"),
        ("apply-roles", {"roles": ["base"], "hosts": ["web-1"], "extra_vars": {"a-b": 1}},
         "extra_vars"),
        ("run-module", {"hosts": ["web-1"], "module": "../x"}, "module"),
        ("run-module", {"hosts": ["web-1"], "module": "ansible.builtin.include_role"}, "module"),
        ("run-module", {"hosts": ["web-1"], "module": "add_host"}, "module"),
        ("run-playbook", {"playbook": "../site.yml"}, "playbook"),
        ("run-playbook", {"playbook": "site.yml", "limit": ["db-1"]}, "limit"),
        ("run-playbook", {"playbook": "site.yml", "env": "staging"}, "env"),
        ("run-playbook", {"playbook": "site.yml"}, "env"),
        ("update-code", {"tags": []}, "tags"),
    ],
)  # fmt: skip
def test_a_mistake_names_its_field(name: str, request_: dict[str, Any], field: str) -> None:
    with pytest.raises(Mistake) as caught:
        scope(name, **request_)

    assert caught.value.field == field


def test_what_the_policy_judges() -> None:
    given = {"ansible_port": 1, "port": 2, "ansible_user": "x"}
    found = scope("apply-roles", roles=["base"], hosts=["web"], extra_vars=given, check=True)

    assert [host.name for host in found.hosts] == ["web-1", "web-2"]
    assert (found.env, found.fleet, found.patterns, found.check) == ("prod", 3, True, True)
    assert found.connection_vars == ("ansible_port", "ansible_user")


@pytest.mark.parametrize(
    ("request_", "shares"),
    [
        ({"roles": ["base"]}, True),
        ({"roles": ["base", "alone"]}, False),
        ({"roles": ["base"], "serial": 1}, False),
    ],
)
def test_which_roles_share_a_play(request_: dict[str, Any], shares: bool) -> None:
    assert scope("apply-roles", hosts=["web-1"], **request_).shares_a_play is shares


def test_a_playbook_by_its_name_without_the_ending() -> None:
    found = scope("run-playbook", playbook="site", env="prod")

    assert (found.playbook, len(found.hosts)) == ("site.yml", 2)


def test_updating_code_locks_its_env() -> None:
    assert scope("update-code", tags=["api"], env="prod").locks == (Lock("env:prod"),)
