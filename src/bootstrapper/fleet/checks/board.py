"""What is asked of which offer, and what came of it: safe for who sets, who reads and who asks."""

import threading
import time
from collections.abc import Mapping

from bootstrapper.errors import Mistake
from bootstrapper.fleet.checks.counting import NO_CHECK, Result, begun, count, verdict
from bootstrapper.fleet.checks.questions import Question, question
from bootstrapper.fleet.checks.reach import check_reach
from bootstrapper.fleet.values import Check, Health, Offer

Asked = tuple[str, int, tuple[Check, ...]]
"""What an offer's results are about: another address, port or check begins anew."""
UNCHECKED = (Health.PASSING, NO_CHECK)


class Watched:
    """One check of one offer. `state` belongs to the board; `gone`: nobody wants it any more.
    `unnamed`: since when the loop waits for the address of its host; 0: it does not.
    """

    __slots__ = ("check", "gone", "offer", "question", "state", "unnamed")

    def __init__(self, offer: Offer, check: Check, now: float, *, anywhere: bool = False) -> None:
        self.offer = offer.id
        self.check = check
        self.gone = False
        self.unnamed = 0.0
        self.state = begun(check, now)
        self.question: Question | Result
        try:
            if offer.source == "api" and not anywhere:
                check_reach(check, offer)
            self.question = question(check, offer)
        except Mistake as error:
            self.question = Result(False, str(error))


class Board:
    """`anywhere`: checks that came by the API may ask and run anything."""

    def __init__(self, *, anywhere: bool = False) -> None:
        self._anywhere = anywhere
        self._lock = threading.Lock()
        self._asked: dict[str, Asked] = {}
        self._watched: dict[str, tuple[Watched, ...]] = {}
        self._verdicts: dict[str, tuple[Health, str]] = {}

    def set(self, offers: Mapping[str, Offer]) -> list[Watched]:
        """The whole state; answers the newcomers, whose results are to come."""
        now = time.monotonic()
        fresh: list[Watched] = []
        with self._lock:
            for name in self._asked.keys() - offers.keys():
                self._forget(name)
            for name, offer in offers.items():
                asked = offer.address, offer.port, offer.checks
                if self._asked.get(name) == asked:
                    continue
                self._forget(name)
                self._asked[name] = asked
                watched = tuple(
                    Watched(offer, check, now, anywhere=self._anywhere) for check in offer.checks
                )
                self._watched[name] = watched
                self._verdicts[name] = verdict([each.state for each in watched])
                fresh += watched
        return fresh

    def note(self, watched: Watched, result: Result) -> bool:
        """Whether the health of its offer is another now."""
        with self._lock:
            if watched.gone:
                return False
            watched.state = count(watched.state, result, watched.check, time.monotonic())
            before = self._verdicts[watched.offer]
            states = [each.state for each in self._watched[watched.offer]]
            after = self._verdicts[watched.offer] = verdict(states)
            return before[0] is not after[0]

    def health(self) -> dict[str, tuple[Health, str]]:
        with self._lock:
            return self._verdicts.copy()

    def _forget(self, name: str) -> None:
        for each in self._watched.pop(name, ()):
            each.gone = True
        self._asked.pop(name, None)
        self._verdicts.pop(name, None)
