"""What the bot answers, as values: `speaking` performs them."""

import msgspec

from bootstrapper.chat.heard import Place
from bootstrapper.chat.message import Form, Message


class Aloud(msgspec.Struct, frozen=True):
    """Where it was asked: whoever is there reads it."""

    message: Message


class Aside(msgspec.Struct, frozen=True):
    """For who asked alone."""

    message: Message


class Card(msgspec.Struct, frozen=True):
    """The message of this job, which follows it from now on, in `place`.

    A job has one such message. `known`: what is said where it already has one; None: nothing.
    """

    job: str
    place: Place
    known: Message | None = None


class Attached(msgspec.Struct, frozen=True, kw_only=True):
    """A text too long for a message. `place` None: to who asked alone."""

    name: str
    content: str
    title: str
    place: Place | None


class Opened(msgspec.Struct, frozen=True):
    """A form on the screen of who asked; `button` asks for it again, when that came too late."""

    form: Form
    button: Message


Reply = Aloud | Aside | Card | Attached | Opened | None
"""None: what was asked shows by itself, on the card."""
