"""An answer gets to where it is for, and where it cannot, to its person alone.

One message is said once here: whoever calls repeats it when Slack was away, and says so.
"""

import logging
from collections.abc import Callable
from typing import Protocol

import msgspec

from bootstrapper.chat.busy import SlackRefused
from bootstrapper.chat.conversation.reply import Aloud, Aside, Attached, Card, Opened, Reply
from bootstrapper.chat.heard import AnyHeard, Place, Said
from bootstrapper.chat.message import Form, Message
from bootstrapper.chat.slack.voice import Voice
from bootstrapper.errors import Refused

logger = logging.getLogger(__name__)

SKEW = 60.0  # seconds that our clocks and Slack's may be apart


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

    def tell(self, heard: AnyHeard, reply: Reply, since: float | None = None) -> None:
        """`since`: the time after which it may have been told already, where that was tried.

        Raises Unavailable while Slack is away, and Refused where no way is left.
        """
        _Telling(self._voice, self._cards, heard, since).tell(reply)


class _Telling:
    """Of one thing that was heard. What others would see twice is looked for before a second try;
    what one person alone sees cannot be found again."""

    def __init__(self, voice: Voice, cards: Cards, heard: AnyHeard, since: float | None) -> None:
        self._voice = voice
        self._cards = cards
        self._heard = heard
        self._since = since

    def tell(self, reply: Reply) -> None:
        match reply:
            case Aloud(message):
                self._aloud(message)
            case Aside(message):
                self._aside(message)
            case Card(job, place, known):
                if not self._cards.follow(job, place, self._heard.user) and known:
                    self._aloud(known)
            case Attached():
                self._attach(reply)
            case Opened(form, button):
                self._open(form, button)
            case None:
                pass

    def _aloud(self, message: Message) -> None:
        """Below the words that asked; a slash command shows to nobody, and its answer neither."""
        heard = self._heard
        if not isinstance(heard, Said) or heard.how == "slash":
            self._aside(message)
            return
        place = _below(heard)
        _first_that_works(lambda: self._post(place, message), lambda: self._directly(message))

    def _aside(self, message: Message) -> None:
        heard, place = self._heard, self._heard.place
        ways: list[Callable[[], object]] = []
        if heard.respond:
            ways.append(lambda: self._voice.respond(heard.respond, message))
        if place.direct:
            ways.append(lambda: self._post(place, message))
        elif place.channel:
            ways.append(lambda: self._voice.whisper(place, heard.user, message))
        _first_that_works(*ways, lambda: self._directly(message))

    def _directly(self, message: Message) -> None:
        self._post(self._voice.direct(self._heard.user), message)

    def _post(self, place: Place, message: Message) -> None:
        mark = f"answer {self._heard.id}"
        if not self._is_there(lambda since: self._voice.find(place, mark, since)):
            self._voice.post(place, msgspec.structs.replace(message, mark=mark))

    def _attach(self, file: Attached) -> None:
        def upload(place: Place) -> None:
            if not self._is_there(lambda since: self._voice.has_file(place, file.name, since)):
                self._voice.upload(place, file.name, file.content.encode(), file.title)

        def directly() -> None:
            upload(self._voice.direct(self._heard.user))

        heard, place = self._heard, file.place
        if isinstance(heard, Said) and place == heard.place:
            place = _below(heard)
        _first_that_works(*((lambda: upload(place),) if place else ()), directly)

    def _open(self, form: Form, button: Message) -> None:
        """Without a trigger, or with one that is too old, a click on a button gives a new one."""
        heard = self._heard
        ways: list[Callable[[], object]] = [lambda: self._aside(button)]
        if heard.trigger:
            ways.insert(0, lambda: self._voice.open_form(heard.trigger, form))
        _first_that_works(*ways)

    def _is_there(self, found: Callable[[float], object]) -> bool:
        """Where the bot may not look, it says a thing twice rather than never."""
        if self._since is None:
            return False
        try:
            return bool(found(self._since - SKEW))
        except SlackRefused as error:
            logger.info("whether it is told already cannot be seen: %s", error)
            return False


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
