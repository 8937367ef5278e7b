"""What each action would touch, checked against a catalogue: pure."""

from typing import Any

import pytest

from bootstrapper.actions.action import Scope
from bootstrapper.actions.registry import action, actions, parse
from bootstrapper.errors import Mistake, Unknown
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
        ("run-module", {"hosts": ["web-1"], "extra_vars": {"env": "staging"}}, "extra_vars"),
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


@pytest.mark.parametrize(
    ("given", "judged"),
    [
        ({"tags": ["a"]}, ("a",)),
        ({"tags": ["a"], "skip_tags": ["x"]}, ("a", "x")),
        ({"skip_tags": ["x"]}, ("all", "x")),
        ({}, ()),
    ],
)
def test_to_leave_out_a_tag_is_to_ask_for_all_others(
    given: dict[str, Any], judged: tuple[str, ...]
) -> None:
    assert scope("apply-roles", roles=["base"], hosts=["web-1"], **given).tags == judged
    assert scope("run-playbook", playbook="site.yml", limit=["web-1"], **given).tags == judged


def test_the_variables_of_mitogen_steer_too() -> None:
    found = scope("run-module", hosts=["web-1"], extra_vars={"mitogen_via": "db-1", "via": "x"})

    assert found.connection_vars == ("mitogen_via",)


def test_updating_code_locks_its_env() -> None:
    assert scope("update-code", tags=["api"], env="prod").locks == (Lock("env:prod"),)


# — every action's own example —

EXAMPLES = Catalogue(
    commit="c",
    roles={"base": Role("base"), "nginx": Role("nginx")},
    playbooks={"site.yml": Playbook("site.yml", hosts={"staging": ("web-1",)})},
    envs={"staging": Inventory({"web-1": Host("web-1")})},
    update_code="site.yml",
)


@pytest.mark.parametrize("name", sorted(actions()))
def test_an_example_is_within_a_content_that_has_its_names(name: str) -> None:
    found = parse(name, action(name).EXAMPLE).scope(EXAMPLES)

    assert [host.name for host in found.hosts] == (["web-1"] if found.env else [])
    assert found.connection_vars == ()


@pytest.mark.parametrize("name", sorted(actions()))
def test_what_needs_no_content_is_given_none(name: str) -> None:
    if not action(name).NEEDS_CONTENT:
        parse(name, action(name).EXAMPLE).scope(Catalogue(commit=""))


# — names of the content —


@pytest.mark.parametrize(
    ("name", "request_", "hint"),
    [
        ("apply-roles", {"roles": ["bas"], "hosts": ["web-1"]}, "did you mean 'base'"),
        ("apply-roles", {"roles": ["base"], "hosts": ["wbe-1"]}, "did you mean 'web-1'"),
        ("apply-roles", {"roles": ["base"], "hosts": ["web-1"], "env": "pro"},
         "did you mean 'prod'"),
        ("run-playbook", {"playbook": "sit.yml"}, "did you mean 'site.yml'"),
        ("update-code", {"tags": ["a"], "env": "stagin"}, "did you mean 'staging'"),
    ],
)  # fmt: skip
def test_an_unknown_name_comes_with_a_hint(name: str, request_: dict[str, Any], hint: str) -> None:
    with pytest.raises(Unknown, match=hint):
        scope(name, **request_)


def test_a_limit_is_some_of_the_playbooks_own_hosts() -> None:
    found = scope("run-playbook", playbook="site.yml", limit=["web-2"])

    assert ([host.name for host in found.hosts], found.env, found.fleet) == (["web-2"], "prod", 3)
    with pytest.raises(Mistake, match=r"site\.yml does not run on db-1"):
        scope("run-playbook", playbook="site.yml", limit=["web-1", "db-1"])


@pytest.mark.parametrize(
    "word", ["", " ", "a b", "a,b", "-x", "{{ x }}", "a\n", "../x", "é", "a;b"]
)
def test_what_is_no_tag(word: str) -> None:
    with pytest.raises(Mistake) as caught:
        scope("update-code", tags=["api", word], env="prod")

    assert caught.value.field == "tags[1]"


@pytest.mark.parametrize("word", ["api", "all", "a.b-c_d:e", "3"])
def test_what_is_a_tag(word: str) -> None:
    assert scope("update-code", tags=[word], env="prod").tags == (word,)


def test_tags_to_run_and_tags_to_skip_are_both_judged() -> None:
    found = scope("apply-roles", roles=["base"], hosts=["web-1"], tags=["a"], skip_tags=["b"])

    assert found.tags == ("a", "b")


@pytest.mark.parametrize("variable", ["", "a-b", "a.b", "1a", "a b", "{{ a }}", "a\n", "é"])
@pytest.mark.parametrize("name", ["apply-roles", "run-module", "run-playbook", "update-code"])
def test_what_is_no_variable(name: str, variable: str) -> None:
    request_ = {**action(name).EXAMPLE, "extra_vars": {variable: 1}}

    with pytest.raises(Mistake) as caught:
        parse(name, request_).scope(EXAMPLES)

    assert caught.value.field == "extra_vars"


@pytest.mark.parametrize("name", ["apply-roles", "run-module", "run-playbook", "update-code"])
def test_what_steers_ansible_is_told_to_the_policy(name: str) -> None:
    given = {"ansible_host": "x", "ansible_become": True, "ansiblex": 1, "_ansible_x": 1}

    found = parse(name, {**action(name).EXAMPLE, "extra_vars": given}).scope(EXAMPLES)

    assert found.connection_vars == ("ansible_become", "ansible_host")


# — modules —


@pytest.mark.parametrize("module", ["ping", "ansible.builtin.copy", "acme.tools.deep.er.one"])
def test_what_is_a_module(module: str) -> None:
    assert scope("run-module", hosts=["web-1"], module=module, args="x").module == module


@pytest.mark.parametrize(
    "module", ["", "../x", "/bin/sh", "a/b", "Ping", "a..b", ".a", "a.", "a b", "{{ x }}", "ping\n",
               "a.b.c.d.e.f", "-a"],
)  # fmt: skip
def test_what_is_no_module(module: str) -> None:
    with pytest.raises(Mistake, match="is not a module's name"):
        scope("run-module", hosts=["web-1"], module=module)


@pytest.mark.parametrize("prefix", ["", "ansible.builtin.", "ansible.legacy."])
@pytest.mark.parametrize(
    "module", ["include_role", "include_tasks", "include_vars", "import_role", "import_tasks",
               "import_playbook", "meta", "add_host", "group_by"],
)  # fmt: skip
def test_what_changes_the_play_itself_is_not_ad_hoc(prefix: str, module: str) -> None:
    with pytest.raises(Mistake, match="cannot be run ad hoc"):
        scope("run-module", hosts=["web-1"], module=prefix + module)


# — alone or together —


def test_updating_code_has_its_env_for_itself_where_others_share_it() -> None:
    found = scope("update-code", tags=["api"], env="prod")

    assert found.locks == (Lock("env:prod", "x"),)
    assert not found.shares_a_play
    assert scope("apply-roles", roles=["base"], hosts=["web-1"]).locks == ()


def test_without_a_playbook_no_code_is_updated() -> None:
    with pytest.raises(Mistake, match="the content names no playbook for this"):
        parse("update-code", {"tags": ["a"]}).scope(Catalogue(commit="c"))
