"""Texts of the command line as values, each with an error that argparse shows with its flag."""

from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from bootstrapper.actions import texts
from bootstrapper.actions.texts import words
from bootstrapper.clock import utc_now
from bootstrapper.errors import Mistake

__all__ = ["json_value", "moment", "number", "numbers", "seconds", "variables", "words"]


def numbers(kind: type[int] | type[float]) -> Callable[[str], list[Any]]:
    return lambda text: [number(kind)(part) for part in words(text)]


def number(kind: type[int] | type[float]) -> Callable[[str], Any]:
    def convert(text: str) -> int | float:
        with _told_with_its_flag():
            value: int | float = texts.number(kind)(text)
            return value

    return convert


def seconds(text: str) -> float:
    """`90`, `90s`, `15m`, `2h`, `30d`."""
    with _told_with_its_flag():
        return texts.seconds(text)


def moment(text: str, now: datetime | None = None) -> str:
    """RFC 3339, or a duration from now; as the API wants it, in UTC. "" stays: no time at all."""
    with _told_with_its_flag():
        return texts.moment(text, now or utc_now())


def variables(text: str) -> dict[str, Any]:
    """What Ansible's `-e` takes: `key=value …` (texts), a JSON object, or @file."""
    with _told_with_its_flag():
        return _from_file(Path(text[1:])) if text.startswith("@") else texts.variables(text)


def json_value(text: str) -> Any:
    with _told_with_its_flag():
        return texts.json_value(text)


@contextmanager
def _told_with_its_flag() -> Iterator[None]:
    try:
        yield
    except Mistake as error:
        raise ArgumentTypeError(str(error)) from None


def _from_file(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise Mistake(f"{path}: {why}") from None
    if text.lstrip().startswith("{"):
        return texts.mapping(texts.json_value(text), str(path))
    return texts.mapping(_yaml(text, path), str(path))


def _yaml(text: str, path: Path) -> Any:
    import yaml

    try:
        return yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise Mistake(f"{path}: {error}") from None
