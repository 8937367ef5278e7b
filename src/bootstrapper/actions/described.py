"""An action's fields as values: the plain type, its docs, and whether it must be given.

Command line, chat and forms are made from these. The struct is the only place that describes them:
`Annotated[type, Meta(description, extra={"flags": [...]} | {"positional": "NAME"})]`.
"""

from collections.abc import Mapping
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import Meta

from bootstrapper.actions.action import Action

LISTS = frozenset({tuple, list, frozenset, set})


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """`kind`: its type without `Annotated` and `| None`."""

    name: str
    kind: Any
    description: str = ""
    required: bool = False
    default: Any = None
    flags: tuple[str, ...] = ()
    positional: str = ""

    @property
    def is_list(self) -> bool:
        return get_origin(self.kind) in LISTS or self.kind in LISTS

    @property
    def item(self) -> Any:
        """The type of a list's items."""
        return (*get_args(self.kind), str)[0]

    @property
    def is_mapping(self) -> bool:
        return self.kind is dict or get_origin(self.kind) in {dict, Mapping}

    @property
    def choices(self) -> tuple[Any, ...]:
        """Of a Literal or an Enum: the values to choose from; else none."""
        return choices_of(self.kind)


@cache
def fields_of(kind: type[Action]) -> tuple[Field, ...]:
    return tuple(_field(each) for each in msgspec.structs.fields(kind))


def choices_of(kind: Any) -> tuple[Any, ...]:
    if get_origin(kind) is Literal:
        return get_args(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return tuple(each.value for each in kind)
    return ()


def _field(info: msgspec.structs.FieldInfo) -> Field:
    kind, meta = _unwrapped(info.type)
    extra = meta.extra or {}
    default = None if info.default is msgspec.NODEFAULT else info.default
    return Field(
        name=info.name,
        kind=kind,
        description=meta.description or "",
        required=info.required,
        default=default,
        flags=tuple(extra.get("flags", ())),
        positional=str(extra.get("positional", "")),
    )


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
