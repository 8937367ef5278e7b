"""A request as the line that asks for it: what `orders.read` reads back."""

from collections.abc import Mapping
from typing import Any

import msgspec

from bootstrapper.actions.action import Action
from bootstrapper.chat.language.commands import Command, command_of
from bootstrapper.chat.language.words import clean, marked, next_word, quote, rest


def written(kind: type[Action], request: Mapping[str, Any]) -> str:
    """Words for its places, `key=value` for the others; without Slack's marks."""
    command = command_of(kind)
    places = _leading(command, request)
    named = [name for name in request if name not in places]
    last = command.rest if _goes_on(command, request, places) else ""
    return " ".join(
        (
            command.verb,
            *(f"{name}={quote(text_of(request[name]))}" for name in named if name != last),
            *(quote(text_of(request[name])) for name in places),
            *((str(request[last]),) if last else ()),
        )
    )


def text_of(value: Any) -> str:
    """A field's value as one text."""
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case list() | tuple():
            return _list(value)
        case _:
            return msgspec.json.encode(value).decode()


def _list(value: list[Any] | tuple[Any, ...]) -> str:
    texts = [each if isinstance(each, str) else text_of(each) for each in value]
    plain = all(text and text == text.strip() and _is_plain(text) for text in texts)
    return ",".join(texts) if plain and texts else msgspec.json.encode(value).decode()


def _is_plain(text: str) -> bool:
    return "," not in text and "://" not in text and not text.startswith("[")


def _leading(command: Command, request: Mapping[str, Any]) -> list[str]:
    """The places that words can fill: the first ones, up to one that is not given or not a word."""
    found: list[str] = []
    for name in command.places:
        if name == command.rest or name not in request or not _is_word(request[name]):
            break
        found.append(name)
    return found


def _is_word(value: Any) -> bool:
    text = quote(text_of(value))
    word = next_word(text, 0)
    return bool(word and not word.key and not text.startswith(("-", "–", "—")) and text[-1] != ",")


def _goes_on(command: Command, request: Mapping[str, Any], places: list[str]) -> bool:
    """Whether the rest of the line can be written as it is."""
    text = request.get(command.rest)
    if not isinstance(text, str) or len(places) != len(command.places) - 1:
        return False
    same = text and rest(text, 0) == text == clean(marked(text))
    return bool(same) and not text.replace("-", "_").startswith(f"{command.rest}=")
