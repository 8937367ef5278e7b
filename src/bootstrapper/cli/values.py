"""Texts of the command line as values, each with an error that argparse shows with its flag."""

import re
import shlex
from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from bootstrapper.clock import from_text, to_text, utc_now
from bootstrapper.errors import Mistake

UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhdw]?)")


def words(text: str) -> list[str]:
    """`a,b` → a and b."""
    return [part.strip() for part in text.split(",") if part.strip()]


def numbers(kind: type[int] | type[float]) -> Callable[[str], list[Any]]:
    return lambda text: [number(kind)(part) for part in words(text)]


def number(kind: type[int] | type[float]) -> Callable[[str], Any]:
    def convert(text: str) -> int | float:
        try:
            return kind(text)
        except ValueError:
            what = "a whole number" if kind is int else "a number"
            raise ArgumentTypeError(f"{text!r} is not {what}") from None

    return convert


def seconds(text: str) -> float:
    """`90`, `90s`, `15m`, `2h`, `30d`."""
    found = _DURATION.fullmatch(text.strip())
    if not found:
        raise ArgumentTypeError(f"{text!r} is not a duration such as 90, 15m, 2h or 30d")
    return float(found[1]) * UNITS[found[2]]


def moment(text: str, now: datetime | None = None) -> str:
    """RFC 3339, or a duration from now; as the API wants it, in UTC. "" stays: no time at all."""
    if not text:
        return ""
    if _DURATION.fullmatch(text.strip().removeprefix("+")):
        after = timedelta(seconds=seconds(text.strip().removeprefix("+")))
        return to_text((now or utc_now()) + after)
    try:
        return to_text(from_text(text).astimezone(UTC))
    except Mistake as error:
        raise ArgumentTypeError(f"{error}; or a duration from now: 15m, 2h, 30d") from None


def variables(text: str) -> dict[str, Any]:
    """What Ansible's `-e` takes: `key=value …` (texts), a JSON object, or @file."""
    if text.startswith("@"):
        return _from_file(Path(text[1:]))
    if text.lstrip().startswith("{"):
        return _object(_json(text), "it")
    return dict(_pair(word) for word in _shell_words(text))


def json_value(text: str) -> Any:
    return _json(text)


def _shell_words(text: str) -> list[str]:
    """Quotes group, and a backslash is one: Windows paths and regular expressions stay whole."""
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace_split, lexer.escape, lexer.commenters = True, "", ""
    try:
        return list(lexer)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r}: {str(error).lower()}") from None


def _pair(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not equals or not name:
        raise ArgumentTypeError(f"{word!r} is not key=value, JSON or @file")
    return name, value


def _from_file(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ArgumentTypeError(f"{path}: {why}") from None
    if text.lstrip().startswith("{"):
        return _object(_json(text), str(path))
    return _object(_yaml(text, path), str(path))


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ArgumentTypeError(f"{where} must be a mapping of names to values")
    return {str(key): each for key, each in value.items()}


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.MsgspecError as error:
        raise ArgumentTypeError(f"not JSON: {error}") from None


def _yaml(text: str, path: Path) -> Any:
    import yaml

    try:
        return yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise ArgumentTypeError(f"{path}: {error}") from None
