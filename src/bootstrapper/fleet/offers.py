"""What the sources of this node offer: each says its whole state, and who waits is woken."""

import threading
from collections.abc import Mapping, Set
from typing import Protocol

from bootstrapper.fleet.values import Offer, Signal


class Telling(Protocol):
    """What a source speaks to."""

    def set(self, source: str, offers: Mapping[str, Offer], signal: Signal) -> None:
        """All that it offers now, by `Offer.id`; `signal`: what told of the latest change."""
        ...


class Offers:
    """Safe for many threads. An id that two sources offer is the one's that offered it first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._by_source: dict[str, Mapping[str, Offer]] = {}
        self._signals: dict[str, Signal] = {}
        self._woken = True

    def set(self, source: str, offers: Mapping[str, Offer], signal: Signal) -> None:
        with self._changed:
            before = self._by_source.get(source)
            if before is not None and before == offers:
                return
            for name in (before or {}).keys() | offers.keys():
                if (before or {}).get(name) != offers.get(name):
                    self._signals[name] = signal
            self._by_source[source] = dict(offers)
            self.wake()

    def wake(self) -> None:
        """Something else changed that its reader looks at."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Whether something may have changed since the last wait."""
        with self._changed:
            woken = self._changed.wait_for(lambda: self._woken, seconds)
            self._woken = False
            return woken

    def now(self) -> dict[str, Offer]:
        with self._changed:
            found: dict[str, Offer] = {}
            for offers in self._by_source.values():
                for name, offer in offers.items():
                    found.setdefault(name, offer)
            return found

    def sources(self) -> frozenset[str]:
        """Those that have spoken: of others it is not known what runs."""
        with self._changed:
            return frozenset(self._by_source)

    def signals(self, known: Set[str]) -> dict[str, Signal]:
        """What told of the latest change of each that is offered, or `known` though it is gone."""
        with self._changed:
            named = frozenset(known).union(*self._by_source.values())
            self._signals = {name: told for name, told in self._signals.items() if name in named}
            return dict(self._signals)
