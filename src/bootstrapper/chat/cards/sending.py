"""One thing is said through the voice, and remembered around it.

Before a post what is about to be said is written down; a post whose answer was never seen is looked
for before it is said again. An edit may be repeated: it adds nothing.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import msgspec

from bootstrapper.chat.blocks.crowd import crowd_message
from bootstrapper.chat.blocks.job import job_message, where
from bootstrapper.chat.blocks.thread import Output, failed_outputs, fits, thread_message, whole
from bootstrapper.chat.busy import Busy, SlackRefused
from bootstrapper.chat.cards import card as cards
from bootstrapper.chat.cards.card import Card, Told
from bootstrapper.chat.cards.ledger import Ledger
from bootstrapper.chat.cards.pace import Method
from bootstrapper.chat.cards.turn import Want, entries_of, untold
from bootstrapper.chat.heard import Place
from bootstrapper.chat.message import Message
from bootstrapper.chat.progress.asked import Asked
from bootstrapper.chat.progress.progress import Progress
from bootstrapper.chat.slack.voice import Voice
from bootstrapper.errors import Error, Refused, Unavailable
from bootstrapper.events import Entry
from bootstrapper.jobs.store import Jobs

logger = logging.getLogger(__name__)

PAGE = 25  # entries read at once: outputs may be long
LETTERS = 500_000  # of outputs in one post and its file
NOT_THERE = frozenset({"channel_not_found", "not_in_channel"})
SKEW = 600.0  # seconds that our clock and Slack's may be apart


class Send(msgspec.Struct, frozen=True, kw_only=True):
    """`last`: what the card's message says now, as far as is known."""

    want: Want
    card: Card
    asked: Mapping[str, Asked]
    progress: Mapping[str, Progress]
    last: Message | None = None


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """How far it came: `card` is as it is now, whether there was an `error` or not."""

    send: Send
    card: Card
    message: Message | None
    error: Error | None = None


class Sending:
    """Use it once. `ours`: whether it is still us who tell: who was halted meanwhile says nothing
    that another has said."""

    def __init__(
        self, voice: Voice, ledger: Ledger, jobs: Jobs, send: Send, ours: Callable[[], bool]
    ) -> None:
        self._voice = voice
        self._ledger = ledger
        self._jobs = jobs
        self._send = send
        self._ours = ours
        self._card = send.card
        self._message = send.last

    def perform(self) -> Done:
        error: Error | None = None
        try:
            self._perform()
        except Error as told:
            error = told
        except Exception as fault:
            logger.exception("card %s cannot be told", self._card.id)
            error = Refused(f"{type(fault).__name__}: see the log")
        return Done(send=self._send, card=self._card, message=self._message, error=error)

    def _perform(self) -> None:
        if self._is_out():
            return
        match self._send.want.method:
            case Method.POST:
                self._post()
            case Method.EDIT:
                self._edit()
            case Method.TELL:
                self._tell()
            case Method.FILE:
                self._file()

    def _is_out(self) -> bool:
        """Whether a post whose answer was never seen is there after all."""
        out = self._card.posting
        if out is None:
            return False
        place = self._card.thread if self._card.ts else self._card.place
        try:
            ts = self._voice.find(place, out.mark, out.since - SKEW)
        except SlackRefused as error:
            if error.word != "missing_scope":
                raise
            logger.warning("whether card %s is out cannot be seen: %s", self._card.id, error)
            ts = ""
        if not ts:
            return False
        known = bool(self._card.ts)
        self._keep(cards.has_told(self._card) if known else cards.posted(self._card, ts, 0))
        return True

    def _post(self) -> None:
        message = self._rendered()
        self._keep(cards.posting(self._card, time.time()))
        with self._refusable():
            ts = self._posted(message)
        self._message = message
        self._keep(cards.posted(self._card, ts, self._shown()))

    def _posted(self, message: Message) -> str:
        """Where the bot is not, as after a slash command, who asked has it to themselves."""
        self._check_ours()
        try:
            return self._voice.post(self._card.place, message)
        except SlackRefused as error:
            people = {self._send.asked[each.job].by for each in self._card.jobs}
            if error.word not in NOT_THERE or len(people) != 1 or "" in people:
                raise
            place = self._voice.direct(people.pop())
            self._keep(msgspec.structs.replace(self._card, place=place))
            return self._voice.post(place, message)

    def _check_ours(self) -> None:
        if not self._ours():
            raise Unavailable("another process tells now")

    def _edit(self) -> None:
        message = self._rendered()
        if message != self._send.last:
            self._voice.edit(self._card.place, self._card.ts, message)
        self._message = message
        self._keep(msgspec.structs.replace(self._card, shown=self._shown()))

    def _tell(self) -> None:
        told, outputs = self._untold()
        at_length = not fits(outputs)
        after = cards.telling(self._card, told, time.time(), file=at_length)
        if not outputs:
            self._keep(cards.has_told(after))
            return
        self._keep(after)
        mark = after.posting.mark if after.posting else ""
        name = _file_name(cards.has_told(after)) if at_length else ""
        self._check_ours()
        with self._refusable():
            self._voice.post(after.thread, thread_message(outputs, mark, name))
        self._keep(cards.has_told(after))

    def _file(self) -> None:
        """A file bears no mark, but has a name of its own, by which it is found."""
        thread, name = self._card.thread, _file_name(self._card)
        try:
            if not self._has_file(thread, name):
                text = whole(self._owed())
                self._voice.upload(thread, name, text.encode(), "All at length")
        except Unavailable:
            raise
        except Exception:
            self._keep(cards.without_file(self._card))
            raise
        self._keep(cards.without_file(self._card))

    def _has_file(self, thread: Place, name: str) -> bool:
        """An upload whose answer was never seen may have been one."""
        try:
            return self._voice.has_file(thread, name, float(self._card.ts))
        except SlackRefused as error:
            if error.word != "missing_scope":
                raise
            return False

    def _untold(self) -> tuple[dict[str, Told], list[Output]]:
        """As much as goes into one post."""
        told: dict[str, Told] = {}
        outputs: list[Output] = []
        room = LETTERS
        for each in untold(self._card, self._send.progress):
            upto = self._send.progress[each.job].last_failure
            entries = self._entries_between(each.job, each.behind, upto)
            found = failed_outputs(entries, each.told, room, self._of(each.job))
            told[each.job] = Told(job=each.job, told=found.told, behind=found.behind)
            outputs += found.outputs
            room -= sum(len(output.text) for output in found.outputs)
            if room <= 0:
                break
        return told, outputs

    def _owed(self) -> list[Output]:
        """What the last post had no room for, read again."""
        upto = {each.job: each.told for each in self._card.jobs}
        outputs: list[Output] = []
        for each in self._card.file:
            entries = self._entries_between(each.job, each.behind, upto[each.job])
            outputs += failed_outputs(entries, each.told, LETTERS, self._of(each.job)).outputs
        return outputs

    def _entries_between(self, job: str, after: int, upto: int) -> Iterator[Entry]:
        while after < upto:
            page = self._jobs.journal(job, after, PAGE)
            yield from (entry for entry in page if entry.seq <= upto)
            if not page:
                return
            after = page[-1].seq

    def _rendered(self) -> Message:
        members = [
            (self._send.asked[each.job], self._send.progress[each.job]) for each in self._card.jobs
        ]
        if self._card.of_many:
            return crowd_message(members, self._card.mark)
        return job_message(*members[0])

    def _shown(self) -> int:
        return entries_of(self._card, self._send.progress)

    def _of(self, job: str) -> str:
        """Which job an output is of, where that is not plain."""
        if not self._card.of_many:
            return ""
        asked = self._send.asked[job]
        return f"{asked.action} {asked.what} {where(asked)}"

    @contextmanager
    def _refusable(self) -> Iterator[None]:
        """A post that was refused, for now or for good, is not out: nobody need look for it."""
        try:
            yield
        except (Busy, Refused):
            self._keep(cards.not_posting(self._card))
            raise

    def _keep(self, card: Card) -> None:
        """What is known stays known where it cannot be written down just now."""
        self._card = card
        self._ledger.save(card)


def _file_name(card: Card) -> str:
    return f"failures-{card.id[-8:]}-{sum(each.told for each in card.jobs)}.txt"
