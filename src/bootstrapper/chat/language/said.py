"""What was said after an order's word, and how its arguments come together."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, NoReturn

from bootstrapper.chat.language.commands import Command
from bootstrapper.chat.language.words import Word, next_word
from bootstrapper.errors import Mistake

Args = dict[str, str]


class Said(NamedTuple):
    """The text, where the order's word ends in it, and the actions that it may speak of."""

    text: str
    at: int
    now: datetime
    known: Mapping[str, Command]

    def words(self) -> list[Word]:
        found, at = list[Word](), self.at
        while word := next_word(self.text, at):
            found.append(word)
            at = word.end
        return found

    def written(self, word: Word) -> str:
        """With its quotes, and its `key=`."""
        return self.text[word.start : word.end]


def set_once(args: Args, key: str, value: str) -> None:
    if key in args:
        raise Mistake(f"{key} is given twice: {args[key]!r} and {value!r}", field=key)
    args[key] = value


def missing(name: str) -> NoReturn:
    raise Mistake(f"{name} is missing", field=name)


def dashless(name: str) -> str:
    """Some keyboards make one long dash of two."""
    return name.strip("-–—")
