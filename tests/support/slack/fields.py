"""What people put into a modal, as its state; and what its fields would not let them put in."""

from collections.abc import Mapping
from typing import Any

from support.slack.values import Json, View

ONE = ("static_select", "external_select", "radio_buttons")
MANY = ("multi_static_select", "multi_external_select", "checkboxes")
PICKED = {"users_select": "selected_user", "multi_users_select": "selected_users",
          "conversations_select": "selected_conversation",
          "channels_select": "selected_channel", "datepicker": "selected_date",
          "timepicker": "selected_time",
          "datetimepicker": "selected_date_time"}  # fmt: skip


def filled(view: View, values: Mapping[str, Any]) -> Json:
    """block id → action id → state. An AssertionError for what the modal has no room for."""
    blocks = {b["block_id"]: b for b in view.body["blocks"] if _element(b)}
    unknown = set(values) - set(blocks)
    assert not unknown, f"the form has no {sorted(unknown)}, but {sorted(blocks)}"
    state: Json = {}
    for name, block in blocks.items():
        element = _element(block)
        made = _state(element, values[name] if name in values else _initial(element))
        needed = block["type"] == "input" and not block.get("optional")
        assert not (needed and _empty(made)), f"{name} has to be filled in"
        state[name] = {element.get("action_id", name): made}
    return state


def option(element: Json, value: str) -> Json:
    """The option of a select with this value (or this text)."""
    options = [*element.get("options", []),
               *(o for g in element.get("option_groups", []) for o in g["options"])]  # fmt: skip
    for one in options:
        if value in (one["value"], one["text"]["text"]):
            return dict(one)
    if element["type"].endswith("external_select"):
        return {"text": {"type": "plain_text", "text": value}, "value": value}
    raise AssertionError(f"no option {value!r}, but {[one['value'] for one in options]}")


def _element(block: Json) -> Json:
    found = block.get("element") or block.get("accessory") or {}
    return dict(found) if found.get("type") != "button" else {}


def _initial(element: Json) -> Any:
    kind = element["type"]
    if kind in MANY:
        return [one["value"] for one in element.get("initial_options", [])]
    if kind in ONE:
        return element.get("initial_option", {}).get("value")
    name = "initial_" + PICKED[kind].removeprefix("selected_") if kind in PICKED else ""
    return element.get(name or "initial_value")


def _state(element: Json, value: Any) -> Json:
    kind = element["type"]
    if kind in MANY:
        return {"type": kind, "selected_options": [option(element, v) for v in value or []]}
    if kind in ONE:
        return {"type": kind, "selected_option": option(element, value) if value else None}
    if kind in PICKED:
        return {"type": kind, PICKED[kind]: value}
    if value is not None:
        most = element.get("max_length", 3000)
        assert len(str(value)) <= most, f"more than {most} letters"
        assert len(str(value)) >= element.get("min_length", 0), "too few letters"
    return {"type": kind, "value": None if value in (None, "") else str(value)}


def _empty(state: Json) -> bool:
    return not any(value for name, value in state.items() if name != "type")
