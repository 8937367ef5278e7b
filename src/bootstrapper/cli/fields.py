"""An action's fields as command-line arguments, and the parsed arguments as its request.

A field whose docs name no flags and no place gets `--field-name`.
"""

import argparse
from argparse import ArgumentParser, Namespace
from typing import Any

from bootstrapper.actions.action import Action
from bootstrapper.actions.described import Field, fields_of
from bootstrapper.cli.values import json_value, number, numbers, variables, words

DEST = "field:"  # before a field's name, so that it cannot clash with an option of the command


def add_fields(parser: ArgumentParser, kind: type[Action]) -> None:
    fields = fields_of(kind)
    positional = [field for field in fields if field.positional]
    for field in fields:
        how = _converted(field) | {"help": field.description.replace("%", "%%")}
        if field.positional:
            many = how.pop("action", None) == "append"
            how |= _places(field, last=field is positional[-1], many=many)
            parser.add_argument(DEST + field.name, **how | {"metavar": field.positional})
        else:
            flags = field.flags or ("--" + field.name.replace("_", "-"),)
            parser.add_argument(
                *flags, dest=DEST + field.name, required=field.required, default=argparse.SUPPRESS,
                **how,
            )  # fmt: skip


def request_of(args: Namespace) -> dict[str, Any]:
    """Only what was given: the defaults are the server's."""
    given = {name: value for name, value in vars(args).items() if name.startswith(DEST)}
    return {
        name.removeprefix(DEST): _joined(value)
        for name, value in given.items()
        if value is not None and value != []
    }


def _joined(value: Any) -> Any:
    """Each occurrence of a list's or mapping's flag adds to the ones before."""
    match value:
        case [dict(), *_]:
            return {name: each for part in value for name, each in part.items()}
        case [list(), *_]:
            return [each for part in value for each in part]
        case _:
            return value


def _places(field: Field, *, last: bool, many: bool) -> dict[str, Any]:
    """How many words a positional takes: only the last list may go on."""
    if last and many:
        return {"nargs": "+" if field.required else "*"}
    if many:
        return {"nargs": 1}
    return {} if field.required else {"nargs": "?"}


def _converted(field: Field) -> dict[str, Any]:
    """What argparse needs to know about a type."""
    if field.kind is bool:
        on = argparse.BooleanOptionalAction if field.default is True else "store_true"
        return {"action": on}
    if field.kind in {int, float}:
        return {"type": number(field.kind), "metavar": "N"}
    if field.kind is str:
        return {"metavar": field.name.upper()}
    if field.choices:
        return {"choices": [str(each) for each in field.choices]}
    if field.is_mapping:
        return {"type": variables, "action": "append", "metavar": "KEY=VALUE|JSON|@FILE"}
    if field.is_list:
        items = numbers(field.item) if field.item in {int, float} else words
        return {"type": items, "action": "append", "metavar": f"{field.name.upper()},…"}
    return {"type": json_value, "metavar": "JSON"}
