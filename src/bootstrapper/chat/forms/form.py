"""A form for an action, from its fields: what must be given first, what is rarely used last."""

from collections.abc import Mapping
from typing import Any

import msgspec

from bootstrapper.actions.action import Action
from bootstrapper.actions.described import Field, fields_of
from bootstrapper.actions.registry import summary
from bootstrapper.chat.forms.choices import Choices
from bootstrapper.chat.forms.elements import (
    MOST_BLOCKS,
    MOST_OPTIONS,
    TITLE_LETTERS,
    VALUE_LETTERS,
    Choice,
    clipped,
    field_block,
    number_input,
    plain,
    select,
    text_input,
    tick_box,
)
from bootstrapper.chat.language.commands import Command, command_of
from bootstrapper.chat.language.writing import text_of
from bootstrapper.chat.message import Block, Form

PREFIX = "run:"
"""A form's name is this and the action's."""
RARE = ("extra_vars", "skip_tags", "become", "forks", "serial")


def form(kind: type[Action], choices: Choices, request: Mapping[str, Any] | None = None) -> Form:
    """`request`: what is filled in already."""
    command, given = command_of(kind), request or {}
    fields = in_order(command)[: MOST_BLOCKS - 1]
    about = {"type": "context", "elements": [plain(summary(kind) or command.verb, 2000)]}
    blocks = (_block(each, command, choices.get(each.name, ()), given) for each in fields)
    return Form(
        name=PREFIX + kind.NAME,
        title=clipped(command.verb, TITLE_LETTERS),
        submit="Run",
        blocks=(about, *blocks),
    )


def action_of(form: str) -> str:
    """The action whose form has this name; "" where it is none of these."""
    return form.removeprefix(PREFIX) if form.startswith(PREFIX) else ""


def in_order(command: Command) -> list[Field]:
    def rank(field: Field) -> tuple[bool, int]:
        if field.name in command.places:
            return not field.required, command.places.index(field.name)
        late = RARE.index(field.name) + 1 if field.name in RARE else 0
        return not field.required, len(command.places) + late

    return sorted(fields_of(command.kind), key=rank)


def label_of(field: Field) -> str:
    return field.name.replace("_", " ").capitalize()


def _block(
    field: Field, command: Command, choices: tuple[Choice, ...], given: Mapping[str, Any]
) -> Block:
    element = _element(field, choices, given, lines=field.name == command.rest)
    if field.kind is bool:
        return field_block(field.name, label_of(field), element)
    hint = field.description
    if field.is_mapping:
        hint = f"{hint}; one key=value a line (a text), or JSON"
    elif element["type"] == "plain_text_input" and field.is_list:
        hint = f"{hint}; commas between several"
    return field_block(field.name, label_of(field), element, hint=hint, optional=not field.required)


def _element(
    field: Field, choices: tuple[Choice, ...], given: Mapping[str, Any], *, lines: bool
) -> Block:
    value = given.get(field.name, field.default)
    if field.kind is bool:
        return tick_box(field.description or label_of(field), ticked=bool(value))
    chosen = _chosen(field, given)
    if choices and all(0 < len(each) <= VALUE_LETTERS for each in chosen):
        return select(_with(choices, chosen), chosen, many=field.is_list)
    initial = text_of(given[field.name]) if given.get(field.name) not in (None, "") else ""
    if field.kind in {int, float}:
        return number_input(decimal=field.kind is float, initial=initial)
    if field.is_mapping and initial:
        initial = msgspec.json.format(initial, indent=2)
    return text_input(initial=initial, lines=lines or field.is_mapping)


def _chosen(field: Field, given: Mapping[str, Any]) -> tuple[str, ...]:
    value = given.get(field.name)
    if value in (None, ""):
        return ()
    if isinstance(value, list | tuple):
        return tuple(dict.fromkeys(map(str, value)))
    return (str(value),)


def _with(choices: tuple[Choice, ...], chosen: tuple[str, ...]) -> tuple[Choice, ...]:
    """What was chosen before stays a choice, such as an address that is in no inventory."""
    known = {each.value for each in choices}
    strays = tuple(Choice(value=value) for value in chosen if value not in known)
    return choices if len(choices) > MOST_OPTIONS else (*strays, *choices)
