"""The loop of each worker: take what was heard, do it, answer, and only then let it go.

What cannot be done now, as Redis or Slack is away, is kept and tried again later; others' messages
go on meanwhile. What was done and could not be told yet is only told again.
"""

import heapq
import logging
import time
from itertools import count

import msgspec

from bootstrapper.chat.busy import Busy
from bootstrapper.chat.conversation.answerer import Answerer
from bootstrapper.chat.conversation.reply import Reply
from bootstrapper.chat.heard import AnyHeard
from bootstrapper.chat.inbox import Inbox
from bootstrapper.errors import Refused, Unavailable
from bootstrapper.ids import new_id
from bootstrapper.lifecycle import Stop

logger = logging.getLogger(__name__)

LOOK = 1.0  # seconds at most that a worker waits for something new
MOST = 30.0  # seconds between two tries; an entry that nobody touches for longer is taken over
GIVE_UP = 1800.0  # seconds: nobody waits for an answer any more, and its address is void


class Held(msgspec.Struct, kw_only=True):
    """An entry that is not through. `reply`: what is still to be told, once it was done."""

    entry: str
    heard: AnyHeard
    since: float
    tries: int = 0
    done: bool = False
    reply: Reply = None


class Worker:
    """One thread's. `consumer` is a name that no other worker has, in any process."""

    def __init__(self, inbox: Inbox, answerer: Answerer, consumer: str = "") -> None:
        self._inbox = inbox
        self._answerer = answerer
        self._consumer = consumer or f"worker {new_id()}"
        self._later: list[tuple[float, int, Held]] = []
        self._count = count()

    def turn(self) -> None:
        """What is due first, then something new; waits for that a moment."""
        while self._later and self._later[0][0] <= time.monotonic():
            _, _, held = heapq.heappop(self._later)
            self._inbox.hold(self._consumer, held.entry)
            self._try(held)
        wait = min(LOOK, self._later[0][0] - time.monotonic()) if self._later else LOOK
        for entry, heard in self._inbox.take(self._consumer, max(wait, 0.01)):
            self._try(Held(entry=entry, heard=heard, since=time.monotonic()))

    def _try(self, held: Held) -> None:
        try:
            self._answer(held)
        except Unavailable as error:
            self._put_off(held, error)
            return
        except Refused as error:
            logger.error("no answer: %s", error)
        except Exception:
            logger.exception("an answer broke")
            self._answerer.apologise(held.heard)
        self._inbox.done(held.entry)

    def _answer(self, held: Held) -> None:
        if not held.done:
            held.reply = self._answerer.decide(held.heard)
            held.done = True
        self._answerer.tell(held.heard, held.reply)

    def _put_off(self, held: Held, error: Unavailable) -> None:
        held.tries += 1
        if time.monotonic() - held.since > GIVE_UP:
            logger.error("given up after %d tries: %s", held.tries, error)
            self._inbox.done(held.entry)
            return
        logger.warning("an answer waits: %s", error)
        at = time.monotonic() + pause(held.tries, error)
        heapq.heappush(self._later, (at, next(self._count), held))


def pause(tries: int, error: Unavailable) -> float:
    """Seconds until the next try: as Slack says, else twice as long each time."""
    return min(error.seconds if isinstance(error, Busy) else 0.5 * 2**tries, MOST)


def work(inbox: Inbox, answerer: Answerer, stop: Stop) -> None:
    """What is not through when it stops is taken over after the next start."""
    worker = Worker(inbox, answerer)
    while not stop.is_set():
        try:
            worker.turn()
        except Unavailable as error:
            logger.warning("the inbox cannot be read: %s", error)
            stop.wait(LOOK)
