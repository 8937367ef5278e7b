"""All known actions by name, ours and third parties', from one entry point group."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Any

import msgspec

from bootstrapper.actions.action import Action
from bootstrapper.actions.misfit import mistake_of
from bootstrapper.errors import Mistake, Unknown
from bootstrapper.nearest import nearest

GROUP = "bootstrapper.actions"


@cache
def actions() -> Mapping[str, type[Action]]:
    found: dict[str, type[Action]] = {}
    for point in sorted(entry_points(group=GROUP)):
        kind = point.load()
        if not (isinstance(kind, type) and issubclass(kind, Action)):
            raise Mistake(f"entry point {point.name} ({point.value}) is not an Action")
        if point.name != kind.NAME:
            raise Mistake(f"entry point {point.name} ({point.value}) calls itself {kind.NAME}")
        found[kind.NAME] = kind
    return MappingProxyType(found)


def action(name: str) -> type[Action]:
    known = actions()
    if name not in known:
        raise Unknown(f"no action {name!r}{nearest(name, known)}", field="action")
    return known[name]


def parse(name: str, request: Any) -> Action:
    """A checked request; a Mistake names the field that is wrong."""
    return checked(action(name), request)


def checked(kind: type[Action], request: Any) -> Action:
    try:
        return msgspec.convert(request, kind)
    except msgspec.ValidationError as error:
        raise mistake_of(error) from error


def summary(kind: type[Action]) -> str:
    return (kind.__doc__ or "").strip().split("\n")[0].rstrip(".")
