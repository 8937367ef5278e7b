"""Messages under way: one at a time to each receiver, in threads: none waits for another."""

import logging
import time
from collections.abc import Mapping
from concurrent.futures import Future, wait
from threading import Thread

from bootstrapper.errors import Error, Refused
from bootstrapper.notify.group import Sending
from bootstrapper.notify.health import Outcome
from bootstrapper.notify.receiver import Receiver

logger = logging.getLogger(__name__)
LAST = 20.0
"""Seconds for what is under way at the end: a receiver may answer a byte now and then, for ever."""


class Deliveries:
    """For one thread. What came of a message stays here until that is written down."""

    def __init__(self, receivers: Mapping[str, Receiver]) -> None:
        self._receivers = receivers
        self._under_way: dict[str, Future[Outcome]] = {}

    @property
    def free(self) -> set[str]:
        """The receivers that nothing is under way to."""
        return self._receivers.keys() - self._under_way.keys()

    @property
    def busy(self) -> bool:
        return bool(self._under_way)

    def start(self, sending: Sending) -> None:
        receiver = self._receivers[sending.receiver]
        outcome: Future[Outcome] = Future()
        self._under_way[sending.receiver] = outcome
        name = f"receiver-{sending.receiver}"
        work = (receiver, sending, outcome)
        Thread(target=_deliver, args=work, name=name, daemon=True).start()

    def done(self) -> tuple[Outcome, ...]:
        return tuple(each.result() for each in self._under_way.values() if each.done())

    def forget(self, outcomes: tuple[Outcome, ...]) -> None:
        for outcome in outcomes:
            self._under_way.pop(outcome.sending.receiver, None)

    def close(self, within: float = LAST) -> None:
        """Wait for what is under way; what takes longer is sent again by the next process."""
        wait(self._under_way.values(), within)


def _deliver(receiver: Receiver, sending: Sending, outcome: Future[Outcome]) -> None:
    outcome.set_result(attempt(receiver, sending))


def attempt(receiver: Receiver, sending: Sending) -> Outcome:
    error: Error | None = None
    try:
        receiver.send(sending)
    except Error as failure:
        error = failure
    except Exception as failure:  # a library's own: it ends this message alone
        logger.exception("%s broke over %s", sending.receiver, sending.id)
        error = Refused(f"it broke: {type(failure).__name__}")
    return Outcome(sending=sending, at=time.time(), error=error)
