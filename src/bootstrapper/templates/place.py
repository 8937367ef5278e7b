"""A unit at its place in the loop: when it is to be looked at next, and whether it is heard of."""

import threading
import time

from bootstrapper.templates.pace import Burst
from bootstrapper.templates.report import Outcome, Report
from bootstrapper.templates.unit import Unit

NEVER = float("-inf")
AWAY = 2.0  # seconds without the store until a file is no longer said to be in sync


class Place:
    """A unit and when it is to be looked at next."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.stop = threading.Event()
        self.cause = "start"
        self.burst: Burst | None = Burst(first=time.monotonic(), last=time.monotonic())
        self.last_change = NEVER
        self.retry = float("inf")
        self.next_look = float("inf")
        self.revision = 0
        self.away = ""
        """Why nothing is heard of its keys, `away_since` when."""
        self.away_since = 0.0
        self.away_told = False

    def lose(self, error: Exception) -> None:
        if not self.away:
            self.away_since, self.away = time.monotonic(), str(error) or type(error).__name__

    def find(self) -> bool:
        """Heard of again; whether it had been lost."""
        lost, self.away, self.away_told = bool(self.away), "", False
        return lost

    def tell_if_away(self, now: float) -> Report | None:
        """Once in an outage, and not of a short gap, as of a new leader: what is not heard of may
        have changed.
        """
        if not self.away or self.away_told or self.away_since > now - AWAY:
            return None
        self.away_told = True
        resource = self.unit.resource
        return Report(
            name=resource.name, dest=resource.dest, cause="outage", outcome=Outcome.FAILED,
            reason=self.away, keys=len(self.unit.memory.keys or ()),
        )  # fmt: skip
