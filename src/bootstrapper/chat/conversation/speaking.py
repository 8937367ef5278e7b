"""An answer gets to where it is for, and where it cannot, to its person alone.

One message is said once here: whoever calls repeats it when Slack was away.
"""

import logging
from collections.abc import Callable
from typing import Protocol

from bootstrapper.chat.conversation.reply import Aloud, Aside, Attached, Card, Opened, Reply
from bootstrapper.chat.heard import AnyHeard, Place, Said
from bootstrapper.chat.message import Form, Message
from bootstrapper.chat.slack.voice import Voice
from bootstrapper.errors import Refused

logger = logging.getLogger(__name__)


class Cards(Protocol):
    """Who keeps the messages of jobs."""

    def follow(self, job_id: str, place: Place, by: str) -> bool:
        """Show this job there, in one message, from now on. `by`: the chat's id of who asked.
        False: it has its message already, there or elsewhere."""
        ...


class Speaker:
    def __init__(self, voice: Voice, cards: Cards) -> None:
        self._voice = voice
        self._cards = cards

    def tell(self, heard: AnyHeard, reply: Reply) -> None:
        """Raises Unavailable while Slack is away, and Refused where no way is left."""
        match reply:
            case Aloud(message):
                self._aloud(heard, message)
            case Aside(message):
                self._aside(heard, message)
            case Card(job, place, known):
                if not self._cards.follow(job, place, heard.user) and known:
                    self._aloud(heard, known)
            case Attached():
                self._attach(heard, reply)
            case Opened(form, button):
                self._open(heard, form, button)
            case None:
                pass

    def _aloud(self, heard: AnyHeard, message: Message) -> None:
        """Below the words that asked; a slash command shows to nobody, and its answer neither."""
        if not isinstance(heard, Said) or heard.how == "slash":
            self._aside(heard, message)
            return
        place = _below(heard)
        _first_that_works(
            lambda: self._voice.post(place, message), lambda: self._directly(heard, message)
        )

    def _aside(self, heard: AnyHeard, message: Message) -> None:
        place = heard.place
        ways: list[Callable[[], object]] = []
        if heard.respond:
            ways.append(lambda: self._voice.respond(heard.respond, message))
        if place.direct:
            ways.append(lambda: self._voice.post(place, message))
        elif place.channel:
            ways.append(lambda: self._voice.whisper(place, heard.user, message))
        _first_that_works(*ways, lambda: self._directly(heard, message))

    def _directly(self, heard: AnyHeard, message: Message) -> None:
        self._voice.post(self._voice.direct(heard.user), message)

    def _attach(self, heard: AnyHeard, file: Attached) -> None:
        def upload(place: Place) -> None:
            self._voice.upload(place, file.name, file.content.encode(), file.title)

        def directly() -> None:
            upload(self._voice.direct(heard.user))

        place = file.place
        if isinstance(heard, Said) and place == heard.place:
            place = _below(heard)
        _first_that_works(*((lambda: upload(place),) if place else ()), directly)

    def _open(self, heard: AnyHeard, form: Form, button: Message) -> None:
        """Without a trigger, or with one that is too old, a click on a button gives a new one."""
        ways: list[Callable[[], object]] = [lambda: self._aside(heard, button)]
        if heard.trigger:
            ways.insert(0, lambda: self._voice.open_form(heard.trigger, form))
        _first_that_works(*ways)


def _below(said: Said) -> Place:
    thread = said.place.thread or ("" if said.place.direct else said.ts)
    return Place(channel=said.place.channel, direct=said.place.direct, thread=thread)


def _first_that_works(*ways: Callable[[], object]) -> None:
    """Each next one where Slack refused the one before."""
    *others, last = ways
    for way in others:
        try:
            way()
        except Refused as error:
            logger.info("answered another way: %s", error)
        else:
            return
    last()
