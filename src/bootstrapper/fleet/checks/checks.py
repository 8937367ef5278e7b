"""The loop that asks: one thread and one selector, whatever the number of services.

Hundreds of them cost a few file descriptors while they are asked, and nothing in between. One that
hangs holds up nobody: its question waits beside the others until its time is up.
"""

import heapq
import os
import random
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import closing
from itertools import count
from selectors import EVENT_READ, BaseSelector, DefaultSelector

from bootstrapper.fleet.addresses import Names
from bootstrapper.fleet.checks.board import Board, Watched
from bootstrapper.fleet.checks.counting import Result
from bootstrapper.fleet.checks.flights import Flights
from bootstrapper.fleet.checks.pace import Awake, first_pause, pause
from bootstrapper.fleet.checks.questions import Connect, Execute
from bootstrapper.fleet.values import Health, Offer
from bootstrapper.lifecycle import Stop

LOOK = 0.25  # seconds between looks whether to stop
FOREVER = float("inf")
NAME_LOOK = 0.02  # seconds until a name is asked for again that is not known yet


def nothing() -> None:
    """Nobody wants to know."""


class Checks:
    """`on_change` is called by the loop's thread when the health of an offer is another.

    `anywhere`: checks of what was registered through the API may ask and run anything.
    """

    def __init__(self, on_change: Callable[[], None] = nothing, *, anywhere: bool = False) -> None:
        self._on_change = on_change
        self._board = Board(anywhere=anywhere)
        self._fresh: deque[list[Watched]] = deque()
        self._waker = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._names = Names(self._wake)
        self._flights = Flights(self._landed)
        self._clock = Awake()
        self._due: list[tuple[float, int, Watched]] = []
        self._numbers = count()
        self._waiting: deque[Watched] = deque()
        self._waiting_commands: deque[Watched] = deque()
        self._changed = False

    def set(self, offers: Mapping[str, Offer]) -> None:
        """All offers there are, by `Offer.id`. Those that stay as they are keep their counts."""
        if fresh := self._board.set(offers):
            self._fresh.append(fresh)
            self._wake()

    def health(self) -> Mapping[str, tuple[Health, str]]:
        """`Offer.id` → its health, and why."""
        return self._board.health()

    def run(self, stop: Stop) -> None:
        """The loop of these checks: once, in one thread."""
        with DefaultSelector() as selector, closing(self._names):
            selector.register(self._waker, EVENT_READ, None)
            try:
                while not stop.is_set():
                    self._turn(selector)
            finally:
                self._flights.close(selector)

    def _turn(self, selector: BaseSelector) -> None:
        soonest = min(self._flights.next_deadline, self._due[0][0] if self._due else FOREVER)
        seconds = max(0.0, min(LOOK, soonest - self._clock.now()))
        ready = selector.select(seconds)
        now = self._clock.woke(seconds)
        for key, _ in ready:
            if key.data is None:
                os.eventfd_read(self._waker)
            else:
                self._flights.hear(selector, key.data, key.fd)
        self._flights.expire(selector, now)
        self._line_up(now)
        self._ask(selector, now)
        if self._changed:
            self._changed = False
            self._on_change()

    def _line_up(self, now: float) -> None:
        while self._fresh:
            fresh = self._fresh.popleft()
            for each in fresh:
                self._plan(each, now + first_pause(each.check, len(fresh), random.random()))
        while self._due and self._due[0][0] <= now:
            watched = heapq.heappop(self._due)[2]
            command = isinstance(watched.question, Execute)
            (self._waiting_commands if command else self._waiting).append(watched)

    def _ask(self, selector: BaseSelector, now: float) -> None:
        while self._waiting and self._flights.room:
            self._begin(selector, self._waiting.popleft(), now)
        while self._waiting_commands and self._flights.room_for_command:
            self._begin(selector, self._waiting_commands.popleft(), now)

    def _begin(self, selector: BaseSelector, watched: Watched, now: float) -> None:
        if watched.gone:
            return
        match watched.question:
            case Result() as fault:
                self._landed(watched, now, fault)
            case Execute() as asked:
                self._flights.execute(selector, watched, asked, now)
            case Connect() as asked:
                found = self._names.addresses(asked.host, asked.port)
                if found is None:
                    self._unnamed(watched, asked, now)
                else:
                    self._flights.connect(selector, watched, asked, found, now)

    def _unnamed(self, watched: Watched, asked: Connect, now: float) -> None:
        """The name server has as much time as the service would have."""
        watched.unnamed = watched.unnamed or now
        if now - watched.unnamed < watched.check.timeout:
            self._plan(watched, now + NAME_LOOK)
            return
        watched.unnamed = 0.0
        self._landed(watched, now, Result(False, f"{asked.told}: no name server has answered"))

    def _landed(self, watched: Watched, began: float, result: Result | None) -> None:
        if result is not None:
            self._changed |= self._board.note(watched, result)
        now = self._clock.now()
        wait = pause(watched.check, watched.state, random.random())
        self._plan(watched, max(now, began + wait))

    def _plan(self, watched: Watched, when: float) -> None:
        if not watched.gone:
            heapq.heappush(self._due, (when, next(self._numbers), watched))

    def _wake(self) -> None:
        os.eventfd_write(self._waker, 1)
