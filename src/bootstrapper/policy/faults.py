"""Everything that is wrong with a file, collected with its place and told at once."""

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from enum import EnumType
from fnmatch import translate
from typing import Any, TypeVar, get_args

import msgspec

from bootstrapper.errors import Mistake

T = TypeVar("T")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]*", re.ASCII)


class Faults:
    def __init__(self) -> None:
        self._found: list[tuple[str, str]] = []

    def add(self, place: str, text: str) -> None:
        self._found.append((place, text))

    def raise_any(self) -> None:
        if self._found:
            lines = (f"{place}: {text}" for place, text in self._found)
            raise Mistake("\n".join(lines), field=self._found[0][0])

    def table(self, raw: Any, keys: Iterable[str], place: str) -> dict[str, Any]:
        """The entries of a table whose keys are known; each other key is a fault."""
        if not isinstance(raw, dict):
            self.add(place, "a table is expected")
            return {}
        known = tuple(keys)
        for key in raw:
            if key not in known:
                below = f"{place}.{key}" if place else key
                self.add(below, "no such key" + suggestion(key, known))
        return {key: value for key, value in raw.items() if key in known}

    def array(self, raw: Any, place: str) -> list[tuple[str, Any]]:
        """(place, entry) for each entry of an array."""
        if not isinstance(raw, list):
            self.add(place, "an array is expected")
            return []
        return [(f"{place}[{number}]", entry) for number, entry in enumerate(raw)]

    def entries(self, raw: Any, place: str) -> list[tuple[str, Any]]:
        """An array that must hold something: no entry could mean any, or none."""
        if raw == []:
            self.add(place, "name at least one, or leave it out")
        return self.array(raw, place)

    def convert(self, value: Any, kind: Any, place: str) -> Any:
        """The value as `kind`; None after a fault."""
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            self.add(place, f"{error}".replace("`", "") + _choices(kind))
        except OverflowError:
            self.add(place, "the number is too large")
        return None

    def texts(self, reader: Callable[[str], str], raw: Any, place: str) -> tuple[str, ...]:
        """An array of texts, each read by `reader`; it must hold something."""
        read = (self.read(reader, entry, where) for where, entry in self.entries(raw, place))
        return tuple(text for text in read if text is not None)

    def read(self, reader: Callable[[str], T], value: Any, place: str) -> T | None:
        """What `reader` makes of a text; None after a fault."""
        if self.convert(value, str, place) is None:
            return None
        try:
            return reader(value)
        except Mistake as error:
            self.add(place, str(error))
        return None


def _choices(kind: Any) -> str:
    words = tuple(kind) if isinstance(kind, EnumType) else get_args(kind)
    named = [str(word) for word in words if isinstance(word, str)]
    return f"; it is one of {', '.join(named)}" if named else ""


def suggestion(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, tuple(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def glob(text: str) -> str:
    if not text:
        raise Mistake("an empty pattern fits nothing")
    _compile(translate(text), text)
    return text


def regex(text: str) -> str:
    _compile(text, text)
    return text


def _compile(pattern: str, text: str) -> None:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise Mistake(f"{text!r} is no regular expression: {error}") from error


def name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise Mistake(f"{text!r} is no name: letters, digits and . _ @ + - are")
    return text


def actor_glob(text: str) -> str:
    if ":" not in text and not any(sign in text for sign in "*?["):
        raise Mistake(f"{text!r} is no actor: write its kind too, such as user:{text}")
    return glob(text)
