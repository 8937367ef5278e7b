"""The actions as commands of the chat: a verb, and the places that its words fill in order."""

from collections.abc import Iterable, Mapping

import msgspec

from bootstrapper.actions.action import Action
from bootstrapper.actions.described import Field, fields_of

GOES_ON = "…"


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """`places`: fields' names; `rest`: the one among them, the last, that takes the whole rest of
    the line ("": none)."""

    verb: str
    kind: type[Action]
    fields: dict[str, Field]
    places: tuple[str, ...]
    rest: str = ""

    @property
    def action(self) -> str:
        return self.kind.NAME

    @property
    def form(self) -> str:
        """How it is written: `role <roles> <hosts> [env]`."""
        needed = [n for n, name in enumerate(self.places) if self.fields[name].required]
        last = max(needed, default=-1)
        return " ".join(
            (self.verb, *(self._place(name, n <= last) for n, name in enumerate(self.places)))
        )

    def _place(self, name: str, needed: bool) -> str:
        shown = name + GOES_ON if name == self.rest else name
        return f"<{shown}>" if needed else f"[{shown}]"


def command_of(kind: type[Action]) -> Command:
    fields = {field.name: field for field in fields_of(kind)}
    verb, *places = kind.CHAT or (kind.COMMAND or kind.NAME, *_required(fields.values()))
    rest = places[-1].removesuffix(GOES_ON) if places and places[-1].endswith(GOES_ON) else ""
    names = tuple(name.removesuffix(GOES_ON) for name in places)
    return Command(verb=verb, kind=kind, fields=fields, places=names, rest=rest)


def commands(kinds: Mapping[str, type[Action]]) -> dict[str, Command]:
    """By every word that means one: verbs before names, where an action is called like a verb."""
    made = [command_of(kind) for kind in kinds.values()]
    return {
        **{command.kind.COMMAND.lower(): command for command in made if command.kind.COMMAND},
        **{command.action.lower(): command for command in made},
        **{command.verb.lower(): command for command in made},
    }


def _required(fields: Iterable[Field]) -> tuple[str, ...]:
    return tuple(field.name for field in fields if field.required)
