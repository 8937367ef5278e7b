from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.actions.registry import actions
from bootstrapper.chat.forms.values import errors_of, request_of
from bootstrapper.errors import Mistake

ROLE = actions()["apply-roles"]
GOOD = {"roles": ["base"], "hosts": "web-1, web-2"}


def test_only_what_was_put_in_is_asked_for() -> None:
    values = {**GOOD, "env": None, "tags": "", "skip_tags": [], "check": ["yes"], "diff": []}

    assert request_of(ROLE, values | {"forks": "5", "nothing of ours": "x"}) == {
        "roles": ["base"],
        "hosts": ["web-1", "web-2"],
        "check": True,
        "forks": 5,
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("port=80\nmotd = hello world \n\n", {"port": "80", "motd": "hello world"}),
        ('motd="a b"', {"motd": "a b"}),
        ("query=a=b", {"query": "a=b"}),
        (' {"port": 80}', {"port": 80}),
    ],
)
def test_variables_are_lines_or_json(text: str, expected: dict[str, Any]) -> None:
    assert request_of(ROLE, {"extra_vars": text}) == {"extra_vars": expected}


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        (GOOD, {}),
        (GOOD | {"forks": "many"}, {"forks": "'many' is not a whole number"}),
        (GOOD | {"forks": "501"}, {"forks": "Expected int <= 500"}),
        (GOOD | {"extra_vars": "port"}, {"extra_vars": "'port' is not key=value or JSON"}),
        (
            GOOD | {"forks": "x", "serial": "y"},
            {"forks": "'x' is not a whole number", "serial": "'y' is not a whole number"},
        ),
        ({"roles": ["base"]}, {"hosts": "Object missing required field hosts"}),
    ],
)
def test_each_fault_is_told_at_its_block(values: dict[str, Any], errors: dict[str, str]) -> None:
    assert errors_of(ROLE, values) == errors


def test_a_request_of_faults_is_a_mistake() -> None:
    with pytest.raises(Mistake) as raised:
        request_of(ROLE, {"extra_vars": "{"})

    assert raised.value.field == "extra_vars"


PUT_IN = st.one_of(st.none(), st.text(), st.lists(st.text(), max_size=2), st.integers())


@given(st.dictionaries(st.sampled_from([*ROLE.__struct_fields__, "other"]), PUT_IN))
def test_whatever_is_put_in_is_a_request_or_a_mistake(values: dict[str, Any]) -> None:
    errors = errors_of(ROLE, values)

    assert set(errors) <= set(ROLE.__struct_fields__)
    with suppress(Mistake):
        assert isinstance(request_of(ROLE, values), dict)
