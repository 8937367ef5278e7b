"""Who takes messages: one port, with an adapter for each kind of receiver."""

from typing import Protocol

from bootstrapper.errors import Unavailable
from bootstrapper.notify.group import Sending

TIMEOUT = 10.0
"""Seconds for an answer of a receiver."""


class Later(Unavailable):
    """Not before `seconds` have gone by: its own word (`Retry-After`)."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class Receiver(Protocol):
    """May be called by one thread after another, never by two at once."""

    def send(self, sending: Sending) -> None:
        """It has the message when this returns. Blocks for a bounded time.

        Raises Unavailable (or Later) when it may take it another time, Refused when it says no to
        this message, Mistake where the settings are wrong. `sending.id` is the same each time that
        the same message is tried; where a receiver can tell, it has it once.
        """
        ...
