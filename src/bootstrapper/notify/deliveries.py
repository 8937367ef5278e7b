"""Messages under way: one at a time to each receiver, in threads: none waits for another."""

import logging
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from bootstrapper.errors import Error, Refused
from bootstrapper.notify.group import Sending
from bootstrapper.notify.health import Outcome
from bootstrapper.notify.receiver import Receiver

logger = logging.getLogger(__name__)


class Deliveries:
    """For one thread. What came of a message stays here until that is written down."""

    def __init__(self, receivers: Mapping[str, Receiver]) -> None:
        self._receivers = receivers
        self._pool = ThreadPoolExecutor(max(1, len(receivers)), thread_name_prefix="receiver")
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
        self._under_way[sending.receiver] = self._pool.submit(attempt, receiver, sending)

    def done(self) -> tuple[Outcome, ...]:
        return tuple(each.result() for each in self._under_way.values() if each.done())

    def forget(self, outcomes: tuple[Outcome, ...]) -> None:
        for outcome in outcomes:
            self._under_way.pop(outcome.sending.receiver, None)

    def close(self) -> None:
        """Wait for what is under way."""
        self._pool.shutdown(wait=True)


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
