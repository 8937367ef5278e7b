"""One YAML or JSON file as keys and texts, as confd 0.16 and its YAML library read it.

That library is YAML 1.1 with ways of its own: dates stay texts, octals begin with 0, `y` and `n`
are booleans. So the nodes are taken from the parser, and the scalars are read here.
"""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from bootstrapper.errors import Unavailable
from bootstrapper.templates.paths import join

DEEPEST = 100
_TRUE = frozenset(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"])
_FALSE = frozenset(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"])
_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_WORDS = {
    written: read
    for word, read in ((".inf", "+Inf"), ("+.inf", "+Inf"), ("-.inf", "-Inf"), (".nan", "NaN"))
    for written in (word, word.replace("i", "I").replace("nan", "NaN"), word.upper())
}
_FLOAT = re.compile(r"[-+]?[0-9]*\.?[0-9]+([eE][-+][0-9]+)?|\.[0-9]+([eE][-+]?[0-9]+)?")
_INT = re.compile(r"([-+]?)(0[xX][0-9a-fA-F]+|0b[01]+|0[0-7]*|[1-9][0-9]*)")
_MOST = 2**63


def read_values(path: str) -> dict[str, str]:
    """What a null would be is left out. Unavailable: not there, or not whole."""
    try:
        with open(path, "rb") as file:
            text = file.read()
    except OSError as error:
        raise Unavailable(f"file {path}: {error}") from error
    return dict(_json(text) if path.endswith(".json") and _is_json(text) else _yaml(path, text))


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _json(text: bytes) -> Iterator[tuple[str, str]]:
    """Numbers are kept as written until they are read as YAML's are."""
    yield from _flat("/", json.loads(text, parse_int=_Plain, parse_float=_Plain))


class _Plain(str):
    """A scalar without quotes."""


def _flat(key: str, value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case _Plain():
            if (text := plain(value)) is not None:
                yield key, text
        case str():
            yield key, value
        case bool():
            yield key, "true" if value else "false"
        case dict():
            for name, below in value.items():
                yield from _flat(join(key, name), below)
        case list():
            for index, below in enumerate(value):
                yield from _flat(join(key, str(index)), below)


def _yaml(path: str, text: bytes) -> Iterator[tuple[str, str]]:
    import yaml  # noqa: PLC0415 for those who have such files

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        documents = yaml.compose_all(text, Loader=loader)
        value = _value(next(iter(documents), None), 0)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        raise Unavailable(f"file {path}: {error}") from error
    if isinstance(value, _Plain) and value in _NULL:
        value = None
    if not isinstance(value, dict | None):
        raise Unavailable(f"file {path}: a map is expected at its top")
    yield from _flat("/", value)


def _value(node: Any, depth: int) -> Any:
    """From the parser's nodes; their classes are told by `id`, so that yaml stays unimported."""
    if node is None:
        return None
    if depth > DEEPEST:
        raise ValueError(f"more than {DEEPEST} levels deep")
    if node.id == "sequence":
        return [_value(each, depth + 1) for each in node.value]
    if node.id == "mapping":
        return _mapping(node, depth)
    return node.value if _is_text(node) else _Plain(node.value)


def _is_text(node: Any) -> bool:
    return node.style in ("'", '"', "|", ">") or node.tag == "tag:yaml.org,2002:binary"


def _mapping(node: Any, depth: int) -> dict[str, Any]:
    """`<<` takes over another map's keys; those written here win."""
    merged: dict[str, Any] = {}
    own: dict[str, Any] = {}
    for key, below in node.value:
        value = _value(below, depth + 1)
        if key.value == "<<" and key.tag == "tag:yaml.org,2002:merge":
            for each in reversed(value if isinstance(value, list) else [value]):
                merged |= each if isinstance(each, dict) else {}
        elif key.id == "scalar":
            own[key.value] = value
    return merged | own


def plain(text: str) -> str | None:
    """A scalar without quotes, as confd writes it out; None for a null."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return "true" if text in _TRUE else "false"
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "+-.0123456789":
        return _number(text)
    return text


def _number(text: str) -> str:
    bare = text.replace("_", "")
    if found := _INT.fullmatch(bare):
        number = _int(found[2]) * (-1 if found[1] == "-" else 1)
        if -_MOST <= number < _MOST:
            return str(number)
    return _decimal(float(bare)) if _FLOAT.fullmatch(bare) else text


def _int(digits: str) -> int:
    bases = {"0x": 16, "0X": 16, "0b": 2}
    return int(digits, bases.get(digits[:2], 8 if digits.startswith("0") else 10))


def _decimal(number: float) -> str:
    """The shortest digits that mean this number, never with an exponent."""
    if number in (float("inf"), float("-inf")):
        return "+Inf" if number > 0 else "-Inf"
    text = format(Decimal(repr(number)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
