"""Questions in flight: begun, heard, given up when their time is over; never too many at once."""

import heapq
import logging
from collections.abc import Callable
from itertools import count
from selectors import BaseSelector

from bootstrapper.fleet.addresses import Address, links_at_once
from bootstrapper.fleet.checks.asking import Asking, NotAsked
from bootstrapper.fleet.checks.board import Watched
from bootstrapper.fleet.checks.command import Command
from bootstrapper.fleet.checks.counting import Result
from bootstrapper.fleet.checks.link import Link
from bootstrapper.fleet.checks.questions import Connect, Execute

logger = logging.getLogger(__name__)

MOST = 512  # links, if the limit of open files allows
MOST_COMMANDS = 16


class Flight:
    """`told`: what comes of it is known, though something of it may be left."""

    __slots__ = ("asking", "began", "told", "watched")

    def __init__(self, watched: Watched, asking: Asking, began: float) -> None:
        self.watched = watched
        self.asking = asking
        self.began = began
        self.told = False


Landed = Callable[[Watched, float, Result | None], None]
"""Called once a flight, with when it began; without a result if it says nothing of the service."""


class Flights:
    def __init__(self, landed: Landed) -> None:
        self._landed = landed
        self._flights: dict[Asking, Flight] = {}
        self._deadlines: list[tuple[float, int, Flight]] = []
        self._numbers = count()
        self._commands = 0
        self._most = links_at_once(MOST)

    @property
    def room(self) -> bool:
        return len(self._flights) - self._commands < self._most

    @property
    def room_for_command(self) -> bool:
        return self._commands < MOST_COMMANDS

    @property
    def next_deadline(self) -> float:
        return self._deadlines[0][0] if self._deadlines else float("inf")

    def connect(
        self,
        selector: BaseSelector,
        watched: Watched,
        asked: Connect,
        addresses: tuple[Address, ...],
        now: float,
    ) -> None:
        self._begin(selector, Flight(watched, Link(asked, addresses, watched.check.timeout), now))

    def execute(self, selector: BaseSelector, watched: Watched, asked: Execute, now: float) -> None:
        self._commands += 1
        self._begin(selector, Flight(watched, Command(asked, watched.check.timeout), now))

    def hear(self, selector: BaseSelector, asking: Asking, fd: int) -> None:
        """What a file descriptor is ready for."""
        if (flight := self._flights.get(asking)) is None:
            return
        try:
            self._told(flight, asking.turn(selector, fd))
        except NotAsked as error:
            self._not_asked(flight, error)

    def expire(self, selector: BaseSelector, now: float) -> None:
        while self._deadlines and self._deadlines[0][0] <= now:
            flight = heapq.heappop(self._deadlines)[2]
            if flight.asking in self._flights:
                self._told(flight, flight.asking.expire(selector))

    def close(self, selector: BaseSelector) -> None:
        for asking in self._flights:
            asking.close(selector)
        self._flights.clear()
        self._deadlines.clear()
        self._commands = 0

    def _begin(self, selector: BaseSelector, flight: Flight) -> None:
        self._flights[flight.asking] = flight
        try:
            result = flight.asking.begin(selector)
        except NotAsked as error:
            return self._not_asked(flight, error)
        except OSError as error:  # of the selector, or of a descriptor for it
            flight.asking.close(selector)
            return self._not_asked(flight, error)
        if not flight.asking.over:
            until = flight.began + flight.watched.check.timeout
            heapq.heappush(self._deadlines, (until, next(self._numbers), flight))
        self._told(flight, result)

    def _told(self, flight: Flight, result: Result | None) -> None:
        if result is not None and not flight.told:
            flight.told = True
            self._landed(flight.watched, flight.began, result)
        if flight.asking.over:
            self._forget(flight)

    def _not_asked(self, flight: Flight, error: NotAsked | OSError) -> None:
        logger.warning("a check of %s was not made: %s", flight.watched.offer, error)
        if not flight.told:
            flight.told = True
            self._landed(flight.watched, flight.began, None)
        self._forget(flight)

    def _forget(self, flight: Flight) -> None:
        if self._flights.pop(flight.asking, None) and isinstance(flight.asking, Command):
            self._commands -= 1
