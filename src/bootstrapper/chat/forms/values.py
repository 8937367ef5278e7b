"""What was put into a form as a request, and what is wrong with it, field by field."""

import re
from collections.abc import Mapping
from typing import Any

from bootstrapper.actions.action import Action
from bootstrapper.actions.described import Field, fields_of
from bootstrapper.actions.registry import checked
from bootstrapper.actions.texts import json_value, mapping, read_field
from bootstrapper.errors import Mistake


def request_of(kind: type[Action], values: Mapping[str, Any]) -> dict[str, Any]:
    """Only what was put in; `values` as in `heard.Submitted`. A Mistake names the field."""
    request, faults = _read(kind, values)
    if faults:
        raise faults[0]
    return request


def errors_of(kind: type[Action], values: Mapping[str, Any]) -> dict[str, str]:
    """Block id → what is wrong with it; empty when the request is a right one, as far as can be
    said without the content and the policy."""
    request, faults = _read(kind, values)
    if not faults:
        try:
            checked(kind, request)
        except Mistake as error:
            faults = [error]
    known = [field.name for field in fields_of(kind)]
    return {block: str(fault) for fault in faults for block in [block_of(fault, known)] if block}


def block_of(fault: Mistake, known: list[str]) -> str:
    """The block to show it at: of `hosts[1]` that of hosts; of a fault of none the first."""
    name = re.split(r"[.\[]", fault.field)[0]
    return name if name in known else (*known, "")[0]


def _read(kind: type[Action], values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Mistake]]:
    request: dict[str, Any] = {}
    faults: list[Mistake] = []
    for field in fields_of(kind):
        if field.name not in values:
            continue
        try:
            value = _value(field, values[field.name])
        except Mistake as error:
            faults.append(error)
            continue
        if value is not None:
            request[field.name] = value
    return request, faults


def _value(field: Field, put_in: Any) -> Any:
    """None: nothing, or what is so anyway."""
    if field.kind is bool:
        ticked = bool(put_in)
        return ticked if field.required or ticked != bool(field.default) else None
    if put_in in (None, "", []):
        return None
    if isinstance(put_in, list | tuple):
        return [str(each) for each in put_in]
    text = str(put_in)
    if field.is_mapping:
        return _variables(field, text)
    return read_field(field, text if field.kind is str else text.strip())


def _variables(field: Field, text: str) -> dict[str, Any] | None:
    """JSON, or one `key=value` a line, whose value is all that follows."""
    try:
        if text.lstrip().startswith("{"):
            return mapping(json_value(text), field.name)
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return dict(map(_pair, lines)) or None
    except Mistake as error:
        raise Mistake(str(error), field=field.name) from None


def _pair(line: str) -> tuple[str, str]:
    name, equals, value = line.partition("=")
    if not equals or not name.strip():
        raise Mistake(f"{line!r} is not key=value or JSON")
    value = value.strip()
    quoted = re.fullmatch(r"""(["'])(.*)\1""", value)
    return name.strip(), quoted[2] if quoted else value
