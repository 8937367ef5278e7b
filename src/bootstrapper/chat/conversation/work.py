"""The loop of each worker: take what was heard, do it, answer, and only then let it go.

What cannot be done now, as Redis or Slack is away, is kept and tried again later; others' messages
go on meanwhile. What was done and could not be told yet is only told again.
"""

import logging
import math
import time
from contextlib import suppress

import msgspec

from bootstrapper.chat.busy import Busy
from bootstrapper.chat.conversation.answerer import Answerer
from bootstrapper.chat.conversation.reply import Attached, Reply
from bootstrapper.chat.heard import AnyHeard
from bootstrapper.chat.inbox import Inbox, heard_at
from bootstrapper.errors import Error, Refused, Unavailable
from bootstrapper.ids import new_id
from bootstrapper.lifecycle import Stop

logger = logging.getLogger(__name__)

LOOK = 1.0  # seconds at most that a worker waits for something new
MOST = 30.0  # seconds between two tries, unless Slack itself names a longer time
TOUCH = 15.0  # seconds: what nobody touches for longer is taken for a dead worker's
GIVE_UP = 1800.0  # seconds: nobody waits for an answer any more, and its address is void


class Kept(msgspec.Struct, kw_only=True):
    """An entry that is not through. `reply`: what is still to be told, once it was `done`;
    `unsure`: whether a try to tell it had no answer, and may have come through."""

    entry: str
    heard: AnyHeard
    since: float
    due: float = 0.0
    tries: int = 0
    done: bool = False
    told: bool = False
    unsure: bool = False
    reply: Reply = None


class Worker:
    """One thread's. `consumer` is a name that no other worker has, in any process."""

    def __init__(self, inbox: Inbox, answerer: Answerer, consumer: str = "") -> None:
        self._inbox = inbox
        self._answerer = answerer
        self._consumer = consumer or f"worker {new_id()}"
        self._later: list[Kept] = []
        self._touched = 0.0

    def turn(self) -> None:
        """What is due, then something new; waits for that a moment. Raises Unavailable."""
        for kept in [each for each in self._later if each.due <= time.monotonic()]:
            self._touch()
            self._later.remove(kept)
            self._try(kept)
        self._touch()
        due = min((kept.due for kept in self._later), default=math.inf)
        wait = min(LOOK, max(due - time.monotonic(), 0.01))
        for entry, heard in self._inbox.take(self._consumer, wait):
            self._try(Kept(entry=entry, heard=heard, since=time.monotonic()))

    def _touch(self) -> None:
        """What waits here stays ours."""
        if self._later and time.monotonic() - self._touched > TOUCH:
            for kept in self._later:
                self._inbox.hold(self._consumer, kept.entry)
            self._touched = time.monotonic()

    def _try(self, kept: Kept) -> None:
        try:
            self._answer(kept)
            self._inbox.done(kept.entry)
        except Unavailable as error:
            self._put_off(kept, error)

    def _answer(self, kept: Kept) -> None:
        try:
            if not kept.done:
                kept.reply = self._answerer.decide(kept.heard)
                kept.done = True
            if not kept.told:
                self._answerer.tell(kept.heard, kept.reply, self._told_since(kept))
        except Unavailable as error:
            kept.unsure = kept.unsure or (kept.done and not isinstance(error, Busy))
            if time.monotonic() - kept.since < GIVE_UP:
                raise
            logger.error("given up after %d tries: %s", kept.tries, error)
        except Refused as error:
            logger.error("no answer: %s", error)
        except Exception:
            logger.exception("an answer broke")
            self._answerer.apologise(kept.heard)
        kept.done = kept.told = True

    def _told_since(self, kept: Kept) -> float | None:
        """When it was heard, where it may have been told already: by us, or by one that died."""
        unsure = kept.unsure or self._inbox.taken(kept.entry) > 1
        return heard_at(kept.entry) if unsure else None

    def _put_off(self, kept: Kept, error: Unavailable) -> None:
        level = logging.INFO if isinstance(error, Busy) else logging.WARNING
        logger.log(level, "an answer waits: %s", error)
        kept.tries += 1
        if isinstance(kept.reply, Attached):  # many of them would fill the memory
            kept.reply, kept.done = None, False
        kept.due = time.monotonic() + pause(kept.tries, error)
        self._later.append(kept)


def pause(tries: int, error: Unavailable) -> float:
    """Seconds until the next try: as Slack says, else twice as long each time."""
    return error.seconds if isinstance(error, Busy) else min(0.5 * 2**tries, MOST)


def work(inbox: Inbox, answerer: Answerer, stop: Stop) -> None:
    """What is not through when it stops is taken over after the next start."""
    worker = Worker(inbox, answerer)
    with suppress(Error):  # no content yet: the first who needs it waits
        answerer.prepare()
    while not stop.is_set():
        try:
            worker.turn()
        except Unavailable as error:
            logger.warning("the inbox cannot be read: %s", error)
            stop.wait(LOOK)
