"""JSON and base64 as Go reads them: every number a float64, nothing but the standard accepted.

The readers are imported with the first text that there is to read.
"""

import math
import re
from typing import TYPE_CHECKING, Any, NoReturn

from bootstrapper.templates.gotemplate import Fault, Type

if TYPE_CHECKING:
    import json

LITERALS = ("true", "false", "null")
HALF = "[\ud800-\udfff]"
HALF_ESCAPED = r"\\u[dD][89a-fA-F]"
REPLACEMENT = "\ufffd"
GO_NAMES: dict[type, str] = {
    str: "string",
    bool: "bool",
    float: "number",
    list: "array",
    dict: "object",
}


_SURROGATE = re.compile("[\ud800-\udfff]")
_HALF = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")


def parse(text: str) -> Any:
    """What is no character is U+FFFD: a byte that is no UTF-8, half of a pair of escapes."""
    text = re.sub(HALF, REPLACEMENT, text)
    value = _parse(text)
    return _whole(value) if re.search(HALF_ESCAPED, text) else value


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return re.sub(HALF, REPLACEMENT, value)
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(each) for key, each in value.items()}
    return value


def _parse(text: str) -> Any:
    import json  # noqa: PLC0415

    try:
        value = json.loads(
            text,
            parse_int=_number,
            parse_float=_number,
            parse_constant=_constant,
        )
        return _as_unicode(value) if _HALF.search(text) else value
    except json.JSONDecodeError as error:
        raise Fault(_told(error)) from None
    except RecursionError:
        raise Fault("exceeded max depth") from None


def _as_unicode(value: Any) -> Any:
    """Half a pair, and a byte that is no UTF-8, is what Go makes of it: U+FFFD."""
    match value:
        case str():
            return _SURROGATE.sub("\ufffd", value)
        case list():
            return [_as_unicode(each) for each in value]
        case dict():
            return {_as_unicode(key): _as_unicode(each) for key, each in value.items()}
        case _:
            return value


def _number(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise Fault(f"json: cannot unmarshal number {text} into Go value of type float64")
    return value


def _constant(text: str) -> NoReturn:
    raise Fault(f"invalid character '{text.lstrip('-')[0]}' looking for beginning of value")


def _told(error: "json.JSONDecodeError") -> str:
    rest = error.doc[error.pos :]
    if not rest.strip() or error.msg.startswith("Unterminated"):
        return "unexpected end of JSON input"
    literal = next((each for each in LITERALS if each[0] == rest[0]), "")
    for got, wanted in zip(f"{rest[1:]} ", literal[1:], strict=False):
        if got != wanted:
            return f"invalid character {got!r} in literal {literal} (expecting {wanted!r})"
    where = (
        "after top-level value" if error.msg == "Extra data" else "looking for beginning of value"
    )
    return f"invalid character {rest.lstrip()[0]!r} {where}"


def unfit(value: Any, wanted: Type) -> str:
    return f"json: cannot unmarshal {GO_NAMES[value.__class__]} into Go value of type {wanted}"


def base64_encode(text: str) -> str:
    import base64  # noqa: PLC0415

    return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode("ascii")


def base64_decode(text: str) -> str:
    import base64  # noqa: PLC0415

    data = text.replace("\r", "").replace("\n", "").encode("utf-8", "surrogateescape")
    try:
        decoded = base64.b64decode(data, validate=True)
    except ValueError:
        raise Fault(f"illegal base64 data at input byte {_first_wrong(data)}") from None
    return decoded.decode("utf-8", "surrogateescape")


def _first_wrong(data: bytes) -> int:
    known = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for number, byte in enumerate(data):
        if byte not in known:
            return number
    return len(data) - len(data) % 4
