"""Who tells, as long as it holds the lease: it says what is due, and hears how that went."""

import logging
import time
from collections.abc import Callable, Collection
from concurrent.futures import Executor, Future, wait

from bootstrapper.chat.busy import Busy, SlackRefused
from bootstrapper.chat.cards.ledger import Ledger
from bootstrapper.chat.cards.pace import Method, Pace, answered, away, busy
from bootstrapper.chat.cards.sending import Done, Send, Sending
from bootstrapper.chat.cards.table import Table
from bootstrapper.chat.cards.turn import choose
from bootstrapper.chat.slack.voice import Voice
from bootstrapper.control.parts import Parts
from bootstrapper.errors import Unavailable

logger = logging.getLogger(__name__)

LOOK = 5.0  # seconds between looks at all that was not heard of
SHORTEST, LONGEST = 1.0, 15.0  # seconds of silence while Slack is away
NOT_US = frozenset(
    """account_inactive ekm_access_denied invalid_auth missing_scope not_allowed_token_type
    not_authed org_login_required team_access_not_granted token_expired token_revoked
    two_factor_setup_required""".split()  # noqa: SIM905
)
"""Slack's words for whom it does not let in: all waits until somebody has mended that."""
UNSAYABLE = frozenset(
    """invalid_blocks invalid_blocks_format msg_too_long msg_blocks_too_long no_text
    invalid_metadata_format metadata_too_large invalid_arguments""".split()  # noqa: SIM905
)
"""… and for what it takes from nobody; any other "no" is about the place, or its message."""
BREAKS = ""
"""No word of Slack's: we could not even say it."""


class Teller:
    """`poke` is called, from another thread, when something has been said; `ours` answers there
    whether the lease is still held."""

    def __init__(
        self,
        parts: Parts,
        voice: Voice,
        senders: Executor,
        poke: Callable[[], None],
        ours: Callable[[], bool],
    ) -> None:
        self._jobs = parts.jobs
        self._interval = parts.settings.chat.edit_interval
        self._voice = voice
        self._ledger = Ledger(parts.redis, parts.settings.redis.prefix)
        self._senders = senders
        self._poke = poke
        self._ours = ours
        self._table = Table(parts, self._ledger)
        self._speaking: dict[Future[Done], str] = {}
        self._served: dict[str, float] = {}
        self._pace = Pace()
        self._silence = SHORTEST
        self._looked = float("-inf")

    def turn(self, heard: Collection[str] | None) -> bool:
        """`heard`: the jobs that changed, None for any. Answers whether there is more to say."""
        self._hear_answers()
        now = time.monotonic()
        if heard is None or now - self._looked > LOOK:
            heard = None
            self._looked = now
        self._table.look(heard)
        speaking = set(self._speaking.values())
        wants = self._table.wants(speaking)
        chosen, self._pace = choose(now, wants, self._pace, speaking, self._served)
        for want in chosen:
            self._served[want.place.channel] = now
            self._say(self._table.send_of(want))
        return bool(wants)

    def finish(self) -> None:
        """Return when all that is being said is said."""
        wait(self._speaking)
        self._hear_answers()

    def _say(self, send: Send) -> None:
        sending = Sending(self._voice, self._ledger, self._jobs, send, self._ours)
        future = self._senders.submit(sending.perform)
        self._speaking[future] = send.want.place.channel
        future.add_done_callback(lambda _: self._poke())

    def _hear_answers(self) -> None:
        for future in [each for each in self._speaking if each.done()]:
            channel = self._speaking.pop(future)
            self._take(future.result(), channel, time.monotonic())

    def _take(self, done: Done, channel: str, now: float) -> None:
        method = done.send.want.method
        self._table.said(done)
        match done.error:
            case None:
                self._silence = SHORTEST
                self._pace = answered(self._pace, now, channel, self._interval)
            case Busy(seconds=seconds):
                logger.info("%s", done.error)
                self._pace = busy(self._pace, now, channel, method, seconds)
            case SlackRefused(word=word) if word not in NOT_US:
                self._refused(done, word)
            case Unavailable() | SlackRefused():
                logger.warning("cards wait %g s: %s", self._silence, done.error)
                self._pace = away(self._pace, now, self._silence)
                self._silence = min(self._silence * 2, LONGEST)
            case _:  # it breaks by itself: no other message has to wait for that
                self._refused(done, BREAKS)

    def _refused(self, done: Done, word: str) -> None:
        """For good. A file is owed no more; its message stays."""
        method = done.send.want.method
        if method in (Method.EDIT, Method.TELL) and word in (BREAKS, *UNSAYABLE):
            logger.error("card %s cannot be told: %s", done.card.id, done.error)
            self._table.skip(done)
        elif method is Method.FILE:
            logger.warning("card %s has no file: %s", done.card.id, done.error)
        else:
            logger.warning("card %s ends: %s", done.card.id, done.error)
            self._table.end(done.card, unwanted=True)
