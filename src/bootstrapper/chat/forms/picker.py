"""The form that asks which action, where `run` names none."""

from collections.abc import Mapping
from typing import Any

from bootstrapper.actions.action import Action
from bootstrapper.actions.registry import summary
from bootstrapper.chat.forms.elements import MOST_OPTIONS, Choice, field_block, select
from bootstrapper.chat.language.commands import command_of
from bootstrapper.chat.message import Form
from bootstrapper.errors import Mistake

PICK = "pick"
"""The form's name."""
BLOCK = "action"


def picker(kinds: Mapping[str, type[Action]]) -> Form:
    """Of those that the caller may run; a Mistake where there are none."""
    if not kinds:
        raise Mistake("there is no action that you may run here")
    choices = [
        Choice(value=name, shown=command_of(kind).verb, about=summary(kind))
        for name, kind in kinds.items()
    ][:MOST_OPTIONS]
    menu = select(choices, (), many=False, placeholder="Choose an action")
    block = field_block(BLOCK, "Action", menu, optional=False)
    return Form(name=PICK, title="Run an action", submit="Next", blocks=(block,))


def picked(values: Mapping[str, Any]) -> str:
    """The action's NAME."""
    value = values.get(BLOCK)
    if not isinstance(value, str) or not value:
        raise Mistake("choose an action", field=BLOCK)
    return value
