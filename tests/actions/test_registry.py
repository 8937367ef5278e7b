from typing import Any

import msgspec
import pytest

from bootstrapper.actions.registry import action, actions, parse, summary
from bootstrapper.errors import Mistake, Unknown


def test_our_own_actions_are_found_by_their_entry_points() -> None:
    assert set(actions()) >= {
        "apply-roles", "run-playbook", "run-module", "update-code", "sync-content",
    }  # fmt: skip


def test_every_action_is_documented_with_an_example_that_parses() -> None:
    for name, kind in actions().items():
        assert summary(kind)
        assert parse(name, kind.EXAMPLE)
        for field in msgspec.json.schema(kind)["$defs"][kind.__name__]["properties"].values():
            assert field.get("description"), name


def test_an_unknown_action_comes_with_a_hint() -> None:
    with pytest.raises(Unknown, match="no action 'apply-role'; did you mean 'apply-roles'"):
        action("apply-role")


@pytest.mark.parametrize(
    ("name", "request_", "field", "words"),
    [
        pytest.param("apply-roles", {}, "", "missing required field roles", id="missing"),
        pytest.param("apply-roles", [], "", "Expected object, got array", id="no object"),
        pytest.param(
            "apply-roles", {"roles": ["a"], "hosts": ["a", 1]}, "hosts[1]", "Expected str",
            id="item",
        ),
        pytest.param(
            "apply-roles", {"roles": "a", "hosts": ["a"]}, "roles", "Expected array", id="a text"
        ),
        pytest.param(
            "run-module", {"hosts": ["a"], "forks": -1}, "forks", "Expected int >= 0", id="bounds"
        ),
        pytest.param(
            "run-module", {"hosts": ["a"], "froks": 1}, "", "unknown field froks", id="unknown"
        ),
        pytest.param(
            "run-playbook", {"playbook": "a", "check": "yes"}, "check", "Expected bool", id="bool"
        ),
    ],
)  # fmt: skip
def test_a_fault_names_its_field(name: str, request_: Any, field: str, words: str) -> None:
    with pytest.raises(Mistake) as caught:
        parse(name, request_)

    assert words in str(caught.value)
    assert caught.value.field.startswith(field)
