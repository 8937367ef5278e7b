"""The syntax of Go's `flag` package: `-x`, `--x`, `-x=v`, `-x v`; pure.

Parsing ends at `--` and at the first word that is no flag. Errors and the usage text read as
those of the Go release that confd 0.16 was built with (1.10).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from bootstrapper.errors import Mistake

_TRUE = frozenset(("1", "t", "T", "TRUE", "true", "True"))
_FALSE = frozenset(("0", "f", "F", "FALSE", "false", "False"))
_INT = re.compile(r"([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)")
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_SECONDS = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0,
}  # fmt: skip

Value = str | bool | int | float | tuple[str, ...]


class Kind(Enum):
    """The value is the word that the usage text has for it."""

    STRING = "string"
    BOOL = ""
    INT = "int"
    MANY = "value"
    """May be given several times."""
    DURATION = "duration"
    """Seconds; written as Go does (`50ms`, `1m30s`) or as a plain number of seconds."""


class Flag(NamedTuple):
    name: str
    kind: Kind
    default: Value
    help: str


class WrongFlags(Mistake):
    """Told on stderr, followed by the usage text; exit code 2, as in Go."""


class HelpAsked(Exception):
    """`-h`, `-help`: the usage text on stderr; exit code 2, as in Go before 1.15."""


def parse(flags: Mapping[str, Flag], words: Sequence[str]) -> dict[str, Value]:
    """The flags that were given, by name; what was not given is not in it."""
    given: dict[str, Value] = {}
    waiting = iter(words)
    for word in waiting:
        if len(word) < 2 or word[0] != "-" or word == "--":  # noqa: PLR2004
            break
        name, equals, text = word[2 if word[1] == "-" else 1 :].partition("=")
        if not name or name[0] == "-":
            raise WrongFlags(f"bad flag syntax: {word}")
        flag = flags.get(name)
        if flag is None:
            if name in ("h", "help"):
                raise HelpAsked
            raise WrongFlags(f"flag provided but not defined: -{name}")
        value = _value(flag, text if equals else None, waiting)
        if flag.kind is Kind.MANY:
            before = given.get(name, ())
            value = (*before, str(value)) if isinstance(before, tuple) else value
        given[name] = value
    return given


def usage(flags: Mapping[str, Flag], program: str) -> str:
    lines = [f"Usage of {program}:"]
    for name in sorted(flags):
        flag = flags[name]
        lines += [f"  -{name} {flag.kind.value}".rstrip(), f"    \t{flag.help}{_default(flag)}"]
    return "\n".join(lines) + "\n"


def _default(flag: Flag) -> str:
    match flag.default:
        case "" | False | 0 | ():
            return ""
        case str() as text:
            return f' (default "{text}")'
        case float() as seconds:
            return f" (default {_duration_text(seconds)})"
        case value:
            return f" (default {value})"


def _value(flag: Flag, text: str | None, waiting: Iterator[str]) -> Value:
    if flag.kind is Kind.BOOL:
        return True if text is None else _boolean(flag, text)
    if text is None:
        text = next(waiting, None)
    if text is None:
        raise WrongFlags(f"flag needs an argument: -{flag.name}")
    match flag.kind:
        case Kind.INT:
            return _int(flag, text)
        case Kind.DURATION:
            return _duration(flag, text)
    return text


def _boolean(flag: Flag, text: str) -> bool:
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise WrongFlags(
        f'invalid boolean value "{text}" for -{flag.name}: '
        f'strconv.ParseBool: parsing "{text}": invalid syntax'
    )


def _int(flag: Flag, text: str) -> int:
    """As Go's base 0: 0x is hexadecimal, a leading 0 octal."""
    wrong = f'invalid value "{text}" for flag -{flag.name}: strconv.ParseInt: parsing "{text}": '
    found = _INT.fullmatch(text)
    if found is None:
        raise WrongFlags(wrong + "invalid syntax")
    digits = found[2]
    base = 16 if digits[:2] in ("0x", "0X") else 8 if digits.startswith("0") else 10
    number = int(digits, base) * (-1 if found[1] == "-" else 1)
    if not -(2**63) <= number < 2**63:
        raise WrongFlags(wrong + "value out of range")
    return number


def _duration(flag: Flag, text: str) -> float:
    seconds = duration(text)
    if seconds is None:
        raise WrongFlags(
            f'invalid value "{text}" for flag -{flag.name}: time: invalid duration {text}'
        )
    return seconds


def duration(text: str) -> float | None:
    """Seconds; None for what is neither a Go duration nor a plain number, or below 0."""
    if re.fullmatch(r"\d+\.?\d*|\.\d+", text, re.ASCII):
        return float(text)
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def _duration_text(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:g}ms"
    minutes, rest = divmod(seconds, 60)
    return f"{minutes:g}m{rest:g}s" if minutes else f"{rest:g}s"
