"""Texts that people wrote as values, by the type that is wanted. A Mistake says what is no such."""

import re
import shlex
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from bootstrapper.actions.described import Field
from bootstrapper.clock import from_text, to_text
from bootstrapper.errors import Mistake
from bootstrapper.nearest import nearest

UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
YES = frozenset({"yes", "true", "on", "1"})
NO = frozenset({"no", "false", "off", "0"})
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)([smhdw]?)")


def read_field(field: Field, text: str) -> Any:
    """What `text` means to the field; a Mistake names it."""
    try:
        return _reader(field)(text)
    except Mistake as error:
        raise Mistake(str(error), field=field.name) from None


def words(text: str) -> list[str]:
    """`a,b` → a and b."""
    return [part.strip() for part in text.split(",") if part.strip()]


def items(kind: Any) -> Callable[[str], list[Any]]:
    """`1,2` → 1 and 2; or a JSON list, for what holds commas."""

    def convert(text: str) -> list[Any]:
        if text.startswith(('["', "[]")) or kind not in {str, int, float}:
            found = json_value(text) if text.startswith("[") else words(text)
            if not isinstance(found, list):
                raise Mistake(f"{text!r} is not a list")
            return found
        return [number(kind)(part) for part in words(text)] if kind is not str else words(text)

    return convert


def number(kind: type[int] | type[float]) -> Callable[[str], Any]:
    def convert(text: str) -> int | float:
        try:
            return kind(text)
        except ValueError:
            what = "a whole number" if kind is int else "a number"
            raise Mistake(f"{text!r} is not {what}") from None

    return convert


def yes_or_no(text: str) -> bool:
    word = text.strip().lower()
    if word not in YES | NO:
        raise Mistake(f"{text!r} is neither yes nor no")
    return word in YES


def one_of(choices: tuple[Any, ...]) -> Callable[[str], Any]:
    known = {str(each): each for each in choices}

    def convert(text: str) -> Any:
        if text not in known:
            hint = nearest(text, known)
            raise Mistake(f"{text!r} is none of {', '.join(known)}{hint}")
        return known[text]

    return convert


def seconds(text: str) -> float:
    """`90`, `90s`, `15m`, `2h`, `30d`."""
    found = _DURATION.fullmatch(text.strip())
    if not found:
        raise Mistake(f"{text!r} is not a duration such as 90, 15m, 2h or 30d")
    return float(found[1]) * UNITS[found[2]]


def moment(text: str, now: datetime) -> str:
    """RFC 3339, or a duration from now; as the API wants it, in UTC. "" stays: no time at all."""
    if not text:
        return ""
    if _DURATION.fullmatch(text.strip().removeprefix("+")):
        return _after(seconds(text.strip().removeprefix("+")), now)
    try:
        return to_text(from_text(text).astimezone(UTC))
    except Mistake as error:
        raise Mistake(f"{error}; or a duration from now: 15m, 2h, 30d") from None


def variables(text: str) -> dict[str, Any]:
    """What Ansible's `-e` takes, but for files: `key=value …` (texts), or a JSON object."""
    if text.lstrip().startswith("{"):
        return mapping(json_value(text), "it")
    return dict(_pair(word) for word in _shell_words(text))


def mapping(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Mistake(f"{where} must be a mapping of names to values")
    return {str(key): each for key, each in value.items()}


def json_value(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError) as error:
        raise Mistake(f"not JSON: {error}") from None


def _reader(field: Field) -> Callable[[str], Any]:
    if field.kind is str:
        return str
    if field.kind is bool:
        return yes_or_no
    if field.kind in {int, float}:
        return number(field.kind)
    if field.choices:
        return one_of(field.choices)
    if field.is_mapping:
        return variables
    return items(field.item) if field.is_list else json_value


def _after(wait: float, now: datetime) -> str:
    try:
        return to_text(now + timedelta(seconds=wait))
    except OverflowError:
        raise Mistake("that is too far away") from None


def _shell_words(text: str) -> list[str]:
    """Quotes group, and a backslash is one: Windows paths and regular expressions stay whole."""
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace_split, lexer.escape, lexer.commenters = True, "", ""
    try:
        return list(lexer)
    except ValueError as error:
        raise Mistake(f"{text!r}: {str(error).lower()}") from None


def _pair(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not equals or not name:
        raise Mistake(f"{word!r} is not key=value or JSON")
    return name, value
