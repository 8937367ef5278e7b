"""What Slack tells the app, and what became of it: sent, acknowledged, sent again.

An event that is not acknowledged within 3 s comes again, up to three times; a command or a click
does not. https://docs.slack.dev/apis/events-api/#retries
"""

import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from support.slack.values import Json

EVENTS, SLASH, INTERACTIVE = "events_api", "slash_commands", "interactive"
ACK = 3.0  # seconds that the app has
WAITS = (1.0, 60.0, 300.0)  # seconds before each time that an event comes again


@dataclass(frozen=True)
class Sending:
    """One time that it was sent. Of the monotonic clock; `acked` is 0 while it is not."""

    sent: float
    acked: float = 0.0
    answer: Json = field(default_factory=dict)
    fault: str = ""

    @property
    def seconds(self) -> float:
        return self.acked - self.sent


class Delivery:
    """`sendings`: all attempts, in order. `failed`: why it was given up, or ""."""

    def __init__(self, kind: str, payload: Json) -> None:
        self.kind = kind
        self.payload = payload
        self.sendings: list[Sending] = []
        self.failed = ""
        self.began = threading.Event()
        self.done = threading.Event()

    @property
    def acked(self) -> bool:
        return any(sending.acked for sending in self.sendings)

    @property
    def answer(self) -> Json:
        """What the app put into its acknowledgement."""
        return next((s.answer for s in self.sendings if s.acked), {})

    @property
    def seconds(self) -> float:
        """From sending to acknowledgement, of the attempt that was acknowledged."""
        return next((s.seconds for s in self.sendings if s.acked), float("inf"))

    def ack(self, within: float = 5.0) -> Json:
        """Wait for the acknowledgement; its answer."""
        assert self.done.wait(within), f"no ack of {self.kind} within {within:g} s"
        assert not self.failed, f"{self.kind} failed: {self.failed}"
        return self.answer


class Line(Protocol):
    """The way to the app."""

    def send(self, delivery: Delivery, attempt: int, reason: str, within: float) -> Sending:
        """Blocks until it is acknowledged, or is not. Sets `delivery.began` when it is sent."""


class Courier:
    """Delivers each in a thread of its own, begun in the order of the calls."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.ack_within = ACK
        self.waits: Sequence[float] = WAITS
        self.copies = 1
        self.held: list[Delivery] | None = None
        self.deliveries: list[Delivery] = []
        self._over = threading.Event()

    def deliver(self, kind: str, payload: Json) -> Delivery:
        delivery = Delivery(kind, payload)
        self.deliveries.append(delivery)
        if self.held is None:
            self.begin(delivery)
        else:
            self.held.append(delivery)
        return delivery

    def begin(self, delivery: Delivery) -> None:
        for _ in range(self.copies):
            delivery.began.clear()
            threading.Thread(target=self._carry, args=(delivery,), daemon=True).start()
            delivery.began.wait(self.ack_within)

    def close(self) -> None:
        self._over.set()

    def _carry(self, delivery: Delivery) -> None:
        waits = self.waits if delivery.kind == EVENTS else ()
        reason = ""
        for attempt, wait in enumerate((0.0, *waits)):
            if self._over.wait(wait):
                return
            sending = self.line.send(delivery, attempt, reason, self.ack_within)
            delivery.sendings.append(sending)
            delivery.began.set()
            if sending.acked:
                delivery.done.set()
                return
            reason = sending.fault
        delivery.failed = reason
        delivery.done.set()


def event_id() -> str:
    return f"Ev{uuid.uuid4().hex[:10].upper()}"


def now() -> float:
    return time.monotonic()
