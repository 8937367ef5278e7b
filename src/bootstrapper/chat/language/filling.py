"""The words after an action's verb as its request and its job's options.

Words fill places in order; `key=value` and flags fill what they name. Where the last place takes
the rest of the line, that begins behind the place before it; after `key=value` for that place, at
the first word that is no field's. From there on nothing is read, so that a module's own
`key=value` stays its own.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bootstrapper.actions.texts import read_field
from bootstrapper.chat.language.commands import Command
from bootstrapper.chat.language.options import OPTIONS, check_options, put_option
from bootstrapper.chat.language.words import Word, host_of, next_word, rest
from bootstrapper.errors import Mistake
from bootstrapper.nearest import nearest

FLAG = re.compile(r"(?:--?|–|—)([A-Za-z][A-Za-z0-9_-]*)")  # some keyboards make one dash of two


class Filled:
    """A request and options as they come together."""

    def __init__(self, command: Command, now: datetime) -> None:
        self.request: dict[str, Any] = {}
        self.options: dict[str, Any] = {}
        self._command = command
        self._now = now
        self._by_key = False
        self._flags = {
            flag: field.name for field in command.fields.values() for flag in field.flags
        }

    def read(self, text: str, at: int) -> None:
        while text[at:].strip():
            if self._rest_begins(text, at):
                self._give(self._command.rest, rest(text, at))
                break
            if word := next_word(text, at):
                at = self._take(word, text)
        self._check_complete()

    def _take(self, word: Word, text: str) -> int:
        """Where the next word may begin."""
        if word.key:
            self._by_key = True
            said, end = _whole(word, text, self._is_list(word.key))
            self._put(word.key, said)
            return end
        if not word.quoted and (flag := FLAG.fullmatch(word.text)):
            return self._take_flag(flag, word, text)
        self._by_key = False
        place = self._next_place(word)
        said, end = _whole(word, text, self._is_list(place))
        self._give(place, said)
        return end

    def _is_list(self, key: str) -> bool:
        field = self._command.fields.get(self._flags.get(key) or _plain(key))
        return bool(field and field.is_list)

    def _take_flag(self, flag: re.Match[str], word: Word, text: str) -> int:
        self._by_key = True
        name = self._flags.get(flag[0]) or _plain(flag[1])
        field = self._command.fields.get(name)
        if field and field.kind is bool:
            self._put(name, "yes")
            return word.end
        off = self._command.fields.get(name.removeprefix("no_"))
        if off and off.kind is bool:
            self._put(off.name, "no")
            return word.end
        self._check_known(name)
        value = next_word(text, word.end)
        if value is None:
            raise Mistake(f"{flag[0]} needs a value", field=name)
        self._put(name, value.text)
        return value.end

    def _rest_begins(self, text: str, at: int) -> bool:
        command = self._command
        before = command.places[:-1]
        if not command.rest or command.rest in self.request:
            return False
        if any(name not in self.request for name in before):
            return False
        return not self._is_field(text[at:].lstrip())

    def _is_field(self, text: str) -> bool:
        """Whether `key=value` that stands there is still a field, and no part of the rest."""
        found = re.match(r"[-–—]{0,2}([A-Za-z_][A-Za-z0-9_-]*)(?:\.[^\s=]+)?=", text)
        name = _plain(found[1]) if found else ""
        if name == self._command.rest:
            return True
        flag = FLAG.match(text)
        if self._by_key and flag and (flag[0] in self._flags or self._known(_plain(flag[1]))):
            return True
        return self._by_key and self._known(name)

    def _put(self, key: str, text: str) -> None:
        """A field or an option by its name; `extra_vars.port` is one entry of a mapping."""
        name, dot, entry = key.partition(".")
        name = self._flags.get(name) or _plain(name)
        self._check_known(name)
        field = self._command.fields.get(name)
        if dot and not (field and field.is_mapping):
            raise Mistake(f"{name} has no parts such as {entry!r}", field=name)
        if field and dot:
            self.request[name] = {**self.request.get(name, {}), entry: text}
        elif field:
            self._give(name, text)
        else:
            put_option(self.options, name, text, self._now)

    def _give(self, name: str, text: str) -> None:
        field = self._command.fields[name]
        value = read_field(field, text)
        if field.is_list and isinstance(value, list):
            value = [*self.request.get(name, ()), *_hosts(value, text)]
        elif field.is_mapping and isinstance(value, dict):
            value = {**self.request.get(name, {}), **value}
        elif name in self.request:
            raise Mistake(f"{name} is given twice", field=name)
        self.request[name] = value

    def _next_place(self, word: Word) -> str:
        free = (name for name in self._command.places if name not in self.request)
        place = next(free, "")
        if not place:
            raise Mistake(f"{word.text!r} is one word too many")
        return place

    def _known(self, name: str) -> bool:
        return name in self._command.fields or name in OPTIONS

    def _check_known(self, name: str) -> None:
        if not self._known(name):
            known = (*self._command.fields, *OPTIONS)
            raise Mistake(f"no field {name!r}{nearest(name, known)}", field=name)

    def _check_complete(self) -> None:
        for name, field in self._command.fields.items():
            if field.required and name not in self.request:
                raise Mistake(f"{name} is missing", field=name)


def fill(
    command: Command, text: str, at: int, now: datetime
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The request, with nothing but what was given, and the options. A Mistake tells the form."""
    filled = Filled(command, now)
    try:
        filled.read(text, at)
        check_options(filled.options)
    except Mistake as error:
        raise _with_form(error, command) from None
    return filled.request, filled.options


def _with_form(error: Mistake, command: Command) -> Mistake:
    stop = "" if str(error).endswith("?") else "."
    return Mistake(f"{error}{stop} Write: {command.form}", field=error.field)


def _whole(word: Word, text: str, is_list: bool) -> tuple[str, int]:
    """`base, nginx` and `base ,nginx` are one list: a comma says that more of it follows."""
    said, end = word.text, word.end
    while is_list and not word.quoted and (more := _next_plain(text, end)):
        if not (said.endswith(",") or more.text.startswith(",")):
            break
        said, end = f"{said}{more.text}", more.end
    return said, end


def _next_plain(text: str, at: int) -> Word | None:
    begun = text[at:].lstrip()[:1]
    word = next_word(text, at) if begun and begun not in "\"'`" else None
    return None if word is None or word.key else word


def _hosts(value: list[Any], text: str) -> list[Any]:
    """Slack makes links of hosts; what is written as JSON is meant as it stands."""
    if text.startswith("["):
        return value
    return [host_of(each) if isinstance(each, str) else each for each in value]


def _plain(key: str) -> str:
    return key.strip("-–—").replace("-", "_")
