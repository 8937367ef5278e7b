"""Jobs shown in the chat, each by a message that is edited as it goes.

Several processes may run the loop: the one that holds the lease tells, and what it has told is in
Redis, so that another goes on where it stopped.
"""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from bootstrapper.chat.cards.card import Followed
from bootstrapper.chat.cards.ledger import Ledger
from bootstrapper.chat.cards.teller import Teller
from bootstrapper.chat.heard import Place
from bootstrapper.chat.slack.voice import Voice
from bootstrapper.control.lease import Lease
from bootstrapper.control.parts import Parts, redis_url
from bootstrapper.errors import Unavailable
from bootstrapper.jobs.hearing import listen
from bootstrapper.lifecycle import Stop

logger = logging.getLogger(__name__)

SENDERS = 8  # channels that are spoken to at once
BREATH = 0.03  # seconds between turns, however much there is to hear
RESTLESS = 0.05  # seconds between turns while something waits to be said
QUIET = 0.25  # seconds; well within those of the lease


class Woken:
    """What was heard between two turns. From any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._event = threading.Event()
        self._jobs: set[str] = set()
        self._all = True

    def wake(self, job: str | None) -> None:
        """None: any may have changed."""
        with self._lock:
            self._all = self._all or job is None
            if job is not None:
                self._jobs.add(job)
        self._event.set()

    def poke(self) -> None:
        self._event.set()

    def take(self) -> set[str] | None:
        with self._lock:
            self._event.clear()
            heard = None if self._all else self._jobs
            self._jobs, self._all = set(), False
            return heard

    def wait(self, seconds: float) -> None:
        self._event.wait(seconds)


class Cards:
    def __init__(self, parts: Parts, voice: Voice) -> None:
        self._parts = parts
        self._voice = voice
        self._ledger = Ledger(parts.redis, parts.settings.redis.prefix)
        self._woken = Woken()

    def follow(self, job_id: str, place: Place, by: str = "") -> bool:
        """Show the job there, for the Slack user `by`; it is kept when this returns. False: it has
        its message already, there or elsewhere."""
        return self._ledger.follow(Followed(job=job_id, place=place, by=by, at=time.time()))

    def run(self, stop: Stop) -> None:
        """The loop. Redis away, Slack away: it waits, and goes on where it stopped."""
        settings = self._parts.settings
        hearing = threading.Thread(
            target=listen,
            args=(settings, redis_url(settings), self._woken.wake, stop),
            name="cards-hearing",
            daemon=True,
        )
        hearing.start()
        lease = Lease(self._parts, "chat:teller")
        with ThreadPoolExecutor(SENDERS, thread_name_prefix="cards") as senders:
            self._tell(lease, senders, stop)

    def _tell(self, lease: Lease, senders: ThreadPoolExecutor, stop: Stop) -> None:
        teller: Teller | None = None
        while not stop.is_set():
            try:
                if not lease.held():
                    _dismiss(teller)
                    teller = None
                    stop.wait(QUIET)
                    continue
                if teller is None:
                    teller = Teller(self._parts, self._voice, senders, self._woken.poke, lease.held)
                    self._woken.wake(None)
                restless = teller.turn(self._woken.take())
            except Unavailable as error:
                logger.warning("cards wait: %s", error)
                self._woken.wake(None)
                stop.wait(QUIET)
                continue
            stop.wait(BREATH)
            self._woken.wait(RESTLESS if restless else QUIET)
        _dismiss(teller)
        _let_go(lease)


def _dismiss(teller: Teller | None) -> None:
    """What it is just saying is still said, and remembered."""
    if teller is not None:
        teller.finish()


def _let_go(lease: Lease) -> None:
    try:
        lease.let_go()
    except Unavailable as error:
        logger.warning("the lease runs out by itself: %s", error)
