"""A caller's words are data: in no field of no action are they a template."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bootstrapper.actions.registry import actions
from bootstrapper.errors import Denied, Error, Mistake
from bootstrapper.jobs.states import State
from support.site import Site

VALID: dict[str, dict[str, Any]] = {
    "apply-roles": {"roles": ["echo"], "hosts": ["web-1"]},
    "run-module": {"hosts": ["web-1"], "module": "debug"},
    "run-playbook": {"playbook": "site.yml", "env": "staging"},
    "update-code": {"tags": ["api"], "env": "staging"},
    "sync-content": {},
}
"""A request of each action that would be done; one field of it is then poisoned."""


def poisonings() -> Iterator[Any]:
    """Each field of each action that takes text, with each shape that it takes."""
    for name, kind in actions().items():
        for field in msgspec.structs.fields(kind):
            for shape in shapes(str(field.type)):
                yield pytest.param(name, field.name, shape, id=f"{name} {field.name} {shape}")


def shapes(kind: str) -> tuple[str, ...]:
    if "dict" in kind:
        return ("value", "nested", "key")
    if "tuple[str" in kind:
        return ("item",)
    return ("text",) if "<class 'str'>" in kind or "str" in kind else ()


def poisoned(request: dict[str, Any], field: str, shape: str, poison: str) -> dict[str, Any]:
    values: dict[str, Any] = {
        "text": poison,
        "item": [*request.get(field, ()), poison],
        "value": {"given": poison},
        "nested": {"given": {"deep": [poison]}, "greeting": poison},
        "key": {poison: "x"},
    }
    return request | {field: values[shape]}


def outcome(site: Site, action: str, request: dict[str, Any]) -> str:
    """The state that it ended in, or the error with which it was refused."""
    try:
        return str(site.run(action, request).state)
    except Error as error:
        return type(error).__name__


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    return tmp_path / "sprung"


@pytest.mark.parametrize(("action", "field", "shape"), list(poisonings()))
def test_no_field_is_a_template(
    site: Site, trap: Path, action: str, field: str, shape: str
) -> None:
    poison = "{{ lookup('pipe', 'touch " + str(trap) + "') }}"

    ended = outcome(site, action, poisoned(VALID[action], field, shape, poison))

    assert not trap.exists()
    assert ended in {"Mistake", "Unknown", "Refused", "error", "failed", "successful"}


@pytest.mark.parametrize(
    ("module", "args"),
    [
        ("debug", "msg={}"),
        ("debug", '{{"msg": "{}"}}'),
        ("debug", "var={}"),
        ("debug", "var=lookup('pipe','touch${{IFS}}TRAP')"),
        ("assert", "that={}"),
        ("assert", "that=lookup('pipe','touch${{IFS}}TRAP')"),
        ("set_fact", "x={}"),
        ("command", "echo {}"),
        ("shell", "echo {}"),
        ("copy", "content={} dest=/nowhere/at/all"),
        ("template", "src={} dest=/nowhere/at/all"),
        ("fail", "msg={}"),
        ("ping", "data={}"),
    ],
)
def test_no_argument_of_a_module_is_a_template(
    site: Site, trap: Path, module: str, args: str
) -> None:
    poison = "{{ lookup('pipe','touch${IFS}TRAP') }}"
    text = args.format(poison).replace("TRAP", str(trap))

    outcome(site, "run-module", {"hosts": ["web-1"], "module": module, "args": text})

    assert not trap.exists()


def test_the_trap_would_spring_in_the_contents_own_templates(site: Site, trap: Path) -> None:
    """Else the tests above could not fail."""
    book = site.content / "trap.yml"
    poison = "{{ lookup('pipe','touch${IFS}" + str(trap) + "') }}"
    book.write_text(f'- hosts: web\n  tasks:\n    - debug: {{msg: "{poison}"}}\n')
    request = {"playbook": "trap.yml", "env": "staging"}
    try:
        while outcome(site, "run-playbook", request) == "Unknown":  # until the folder is looked at
            pass
    finally:
        book.unlink()

    assert trap.exists()


@pytest.mark.parametrize("variable", ["ansible_connection", "ansible_ssh_common_args"])
def test_a_variable_that_steers_ansible_needs_the_policys_leave(site: Site, variable: str) -> None:
    request = {"roles": ["echo"], "hosts": ["web-1"], "extra_vars": {variable: ""}}

    with pytest.raises(Denied, match=f"does not let a caller set {variable}") as caught:
        site.plane.as_actor("plain").launch("apply-roles", request)

    assert caught.value.rule == "plain"


def test_with_the_policys_leave_it_steers(site: Site) -> None:
    given = {"ansible_port": 1}  # nobody listens there
    request = {"roles": ["echo"], "hosts": ["web-1"], "extra_vars": given}

    job = site.run("apply-roles", request)

    assert (job.state, job.stats["web-1"]["unreachable"]) == (State.FAILED, 1)


@pytest.mark.parametrize("name", ["a b", "1a", "a-b", "", "a\n", "é"])
def test_what_is_no_name_of_a_variable_is_refused(site: Site, name: str) -> None:
    with pytest.raises(Mistake, match="is not a variable's name"):
        site.run("apply-roles", VALID["apply-roles"] | {"extra_vars": {name: 1}})
