from typing import Annotated, Any, ClassVar, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from bootstrapper.actions.action import Action
from bootstrapper.actions.registry import actions
from bootstrapper.chat.forms.elements import Choice
from bootstrapper.chat.forms.form import action_of, form
from bootstrapper.chat.forms.picker import PICK, picked, picker
from bootstrapper.chat.forms.values import request_of
from bootstrapper.chat.message import Block, Form
from bootstrapper.errors import Mistake

LONG = "long " * 1000


class Everything(Action, frozen=True, kw_only=True):
    """Have a field of each kind."""

    NAME: ClassVar[str] = "a-name-that-is-far-too-long-for-a-title"

    optional: str = ""
    needed: Annotated[str, Meta(description=LONG)]
    unit: Literal["gb", "tb"] = "gb"
    count: int = 0
    ratio: float = 0.0
    names: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    forks: int = 0
    extra_vars: dict[str, Any] = {}
    fast: bool = False
    safe: Annotated[bool, Meta(description=LONG)] = True


def hosts(count: int) -> tuple[Choice, ...]:
    return tuple(Choice(value=f"web-{n}", about=LONG[:100]) for n in range(count))


def by_id(found: Form) -> dict[str, Block]:
    return {block["block_id"]: block for block in found.blocks if block["type"] == "input"}


def element(found: Form, name: str) -> Block:
    return dict(by_id(found)[name]["element"])


def untouched(found: Form) -> dict[str, Any]:
    """What Slack gives of a form that is sent as it was opened."""
    return {name: _value(block["element"]) for name, block in by_id(found).items()}


def _value(element: Block) -> Any:
    match element:
        case {"initial_value": text}:
            return text
        case {"initial_option": option}:
            return option["value"]
        case {"initial_options": options}:
            return [option["value"] for option in options]
        case {"type": str(kind)} if kind.startswith("multi_") or kind == "checkboxes":
            return []
        case _:
            return None


def test_what_must_be_given_comes_first_and_the_rare_last() -> None:
    assert list(by_id(form(Everything, {}))) == [
        *("needed", "optional", "unit", "count", "ratio", "names", "numbers", "fast", "safe"),
        *("extra_vars", "forks"),
    ]
    assert list(by_id(form(actions()["run-module"], {})))[:4] == ["hosts", "env", "module", "args"]


def test_each_kind_of_field_has_its_element() -> None:
    choices = {"names": hosts(3), "unit": (Choice(value="gb"), Choice(value="tb"))}
    found = form(Everything, choices)

    assert {name: block["element"]["type"] for name, block in by_id(found).items()} == {
        "needed": "plain_text_input",
        "optional": "plain_text_input",
        "unit": "static_select",
        "count": "number_input",
        "ratio": "number_input",
        "names": "multi_static_select",
        "numbers": "plain_text_input",
        "fast": "checkboxes",
        "safe": "checkboxes",
        "extra_vars": "plain_text_input",
        "forks": "number_input",
    }
    assert element(found, "extra_vars")["multiline"] is True
    assert "initial_options" in element(found, "safe")
    assert [block["optional"] for block in by_id(found).values()].index(False) == 0


def test_more_choices_than_a_menu_holds_are_asked_for() -> None:
    role = actions()["apply-roles"]
    few, many = form(role, {"hosts": hosts(100)}), form(role, {"hosts": hosts(101)})

    assert len(element(few, "hosts")["options"]) == 100
    assert element(many, "hosts")["type"] == "multi_external_select"
    assert "options" not in element(many, "hosts")


def test_what_was_chosen_before_stays_a_choice() -> None:
    found = form(actions()["apply-roles"], {"hosts": hosts(2)}, {"hosts": ["10.0.0.5", "web-1"]})

    assert untouched(found)["hosts"] == ["10.0.0.5", "web-1"]
    assert "10.0.0.5" in [each["value"] for each in element(found, "hosts")["options"]]


def texts(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        mine = [value] if value.get("type") == "plain_text" else []
        return mine + [each for part in value.values() for each in texts(part)]
    if isinstance(value, list | tuple):
        return [each for part in value for each in texts(part)]
    return []


@pytest.mark.parametrize("count", [0, 1, 100, 101])
def test_slacks_limits_are_kept(count: int) -> None:
    found = form(Everything, {"names": hosts(count)}, {"names": ["x" * 200], "needed": LONG})

    assert 0 < len(found.title) <= 24
    assert len(found.blocks) <= 100
    assert all(0 < len(each["text"]) <= 2000 for each in texts(found.blocks))
    for block in by_id(found).values():
        for option in block["element"].get("options", []):
            assert len(option["value"]) <= 150
            assert all(len(each["text"]) <= 75 for each in texts(option))
        assert len(block["element"].get("initial_value", "")) <= 3000


def test_an_action_with_very_many_fields_shows_those_that_must_be_given() -> None:
    fields = [(f"f{n}", str, "") for n in range(120)]
    names: dict[str, Any] = {"NAME": "many"}
    many: Any = msgspec.defstruct(
        "Many", [*fields, ("z", str)], bases=(Action,), namespace=names, frozen=True, kw_only=True
    )
    found = form(many, {})

    assert len(found.blocks) == 100
    assert next(iter(by_id(found))) == "z"


def test_a_forms_name_tells_its_action() -> None:
    assert action_of(form(actions()["sync-content"], {}).name) == "sync-content"
    assert action_of(PICK) == ""


TEXT = st.text(min_size=1, max_size=40)
VALUE = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
REQUESTS = st.fixed_dictionaries(
    {"needed": VALUE},
    optional={
        "optional": VALUE,
        "unit": st.sampled_from(["gb", "tb"]),
        "count": st.integers(),
        "ratio": st.floats(allow_nan=False, allow_infinity=False),
        "names": st.lists(VALUE, min_size=1, max_size=3, unique=True),
        "numbers": st.lists(st.integers(), min_size=1, max_size=3),
        "extra_vars": st.dictionaries(
            VALUE, st.one_of(VALUE, st.integers(-9, 9), st.lists(st.booleans())), min_size=1
        ),
        "fast": st.just(True),
        "safe": st.just(False),
    },
)


@given(REQUESTS, st.sampled_from([0, 3, 101]))
def test_a_form_that_is_sent_as_it_was_opened_is_its_request(
    request_: dict[str, Any], count: int
) -> None:
    choices = {"names": hosts(count)} if count else {}

    assert request_of(Everything, untouched(form(Everything, choices, request_))) == request_


def test_the_picker_gives_the_actions_name() -> None:
    menu = element(picker(actions()), "action")

    assert {option["value"] for option in menu["options"]} == set(actions())
    assert menu["options"][0]["text"]["text"] == "role"
    assert picked({"action": "apply-roles"}) == "apply-roles"


@pytest.mark.parametrize("values", [{}, {"action": None}, {"action": ""}])
def test_nothing_picked_is_a_mistake(values: dict[str, Any]) -> None:
    with pytest.raises(Mistake, match="choose an action"):
        picked(values)


def test_who_may_run_nothing_gets_no_picker() -> None:
    with pytest.raises(Mistake, match="no action that you may run"):
        picker({})
