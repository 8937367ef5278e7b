"""An action's fields as command-line arguments, and the parsed arguments as its request.

The action's struct is the only place that describes them: `Annotated[type, Meta(description,
extra={"flags": [...]} | {"positional": "NAME"})]`. A field without extra gets `--field-name`.
"""

import argparse
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import Meta

from bootstrapper.actions.action import Action
from bootstrapper.cli.values import json_value, number, numbers, variables, words

DEST = "field:"  # before a field's name, so that it cannot clash with an option of the command
Field = msgspec.structs.FieldInfo


def add_fields(parser: ArgumentParser, kind: type[Action]) -> None:
    fields = [(field, *_unwrapped(field.type)) for field in msgspec.structs.fields(kind)]
    positional = [field for field, _, meta in fields if _positional(meta)]
    for field, kind_of, meta in fields:
        how = _converted(kind_of, field) | {"help": _help(meta)}
        if name := _positional(meta):
            many = how.pop("action", None) == "append"
            how |= _places(field, last=field is positional[-1], many=many)
            parser.add_argument(DEST + field.name, **how | {"metavar": name})
        else:
            flags = _extra(meta).get("flags") or ["--" + field.name.replace("_", "-")]
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


def _converted(kind: Any, field: Field) -> dict[str, Any]:
    """What argparse needs to know about a type."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is bool:
        on = argparse.BooleanOptionalAction if field.default is True else "store_true"
        return {"action": on}
    if kind in {int, float}:
        return {"type": number(kind), "metavar": "N"}
    if kind is str:
        return {"metavar": field.name.upper()}
    if origin is Literal:
        return {"choices": [str(each) for each in arguments]}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"choices": [str(each.value) for each in kind]}
    if kind is dict or origin in {dict, Mapping}:
        return {"type": variables, "action": "append", "metavar": "KEY=VALUE|JSON|@FILE"}
    if origin in {tuple, list, frozenset, set}:
        items = numbers(arguments[0]) if arguments[0] in {int, float} else words
        return {"type": items, "action": "append", "metavar": f"{field.name.upper()},…"}
    return {"type": json_value, "metavar": "JSON"}


def _unwrapped(kind: Any) -> tuple[Any, Meta]:
    """The plain type and its docs: `Annotated` and `| None` taken off."""
    meta = Meta()
    while True:
        origin, arguments = get_origin(kind), get_args(kind)
        if origin is Annotated:
            meta = next((each for each in arguments[1:] if isinstance(each, Meta)), meta)
            kind = arguments[0]
        elif origin in {Union, UnionType} and len(set(arguments) - {NoneType}) == 1:
            kind = next(each for each in arguments if each is not NoneType)
        else:
            return kind, meta


def _extra(meta: Meta) -> Mapping[str, Any]:
    return meta.extra or {}


def _positional(meta: Meta) -> str:
    return str(_extra(meta).get("positional", ""))


def _help(meta: Meta) -> str:
    return (meta.description or "").replace("%", "%%")
