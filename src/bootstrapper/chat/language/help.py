"""What may be said here: the list, and more about one word. The views word it."""

from collections.abc import Iterable, Mapping
from inspect import cleandoc

import msgspec

from bootstrapper.actions.action import Action
from bootstrapper.actions.described import Field, fields_of
from bootstrapper.actions.registry import summary
from bootstrapper.chat.language.commands import Command, command_of, commands
from bootstrapper.chat.language.fixed import FIXED, form
from bootstrapper.chat.language.writing import written
from bootstrapper.errors import Unknown
from bootstrapper.nearest import nearest

OPTIONS = {
    "priority": "high, normal or low",
    "timeout": "the longest it may run: 90, 15m, 2h",
    "not_before": "a time, or from now: 15m, 2h",
    "retries": "attempts after a failure",
    "lock": "names: run while nobody else holds them",
}
"""Those of a job, which every action has: option → what it takes."""


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list: how it is written, and what it does."""

    word: str
    form: str
    does: str


class FieldHelp(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    required: bool
    description: str
    choices: tuple[str, ...] = ()


class Help(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one word. `more`: what its first sentence leaves out."""

    topic: Topic
    more: str = ""
    fields: tuple[FieldHelp, ...] = ()
    options: dict[str, str] = {}
    example: str = ""


def topics(kinds: Mapping[str, type[Action]], orders: Iterable[str]) -> tuple[Topic, ...]:
    """The list: of the actions and orders that its reader may use."""
    allowed = set(orders)
    return (
        *(_topic(command_of(kind)) for kind in kinds.values()),
        *(_order(name) for name in FIXED if name in allowed),
    )


def help_for(word: str, kinds: Mapping[str, type[Action]], orders: Iterable[str]) -> Help:
    """Unknown: none of what the reader may use is called so."""
    verb, known, allowed = word.lower(), commands(kinds), set(orders)
    if verb in FIXED and verb in allowed:
        return Help(topic=_order(verb))
    if verb in known:
        return _about(known[verb])
    raise Unknown(f"no command {word!r}{nearest(verb, sorted({*known, *allowed}))}", field="word")


def lines(topics: Iterable[Topic]) -> tuple[str, ...]:
    """The list as plain text."""
    return tuple(f"{topic.form} — {topic.does}" for topic in topics)


def _about(command: Command) -> Help:
    kind = command.kind
    return Help(
        topic=_topic(command),
        more=cleandoc(kind.__doc__ or "").partition("\n")[2].strip(),
        fields=tuple(map(_field, _in_order(command))),
        options=OPTIONS,
        example=written(kind, kind.EXAMPLE) if kind.EXAMPLE else command.verb,
    )


def _in_order(command: Command) -> list[Field]:
    """The places first, as they are written."""
    others = [field for field in fields_of(command.kind) if field.name not in command.places]
    return [*(command.fields[name] for name in command.places), *others]


def _field(field: Field) -> FieldHelp:
    return FieldHelp(
        name=field.name,
        required=field.required,
        description=field.description,
        choices=tuple(map(str, field.choices)),
    )


def _topic(command: Command) -> Topic:
    does = summary(command.kind)
    return Topic(word=command.verb, form=command.form, does=does[:1].lower() + does[1:])


def _order(name: str) -> Topic:
    return Topic(word=name, form=form(name), does=FIXED[name].does)
