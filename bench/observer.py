"""When keys come and go, and when HAProxy begins and ceases to send to a server: monotonic times.

Two threads beside the bench: a watch of the store, and a look at the admin socket every 4 ms.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from bootstrapper.errors import Unavailable
from support.eventually import eventually
from support.fleet import Stage

LOOK = 0.004  # seconds
Where = Literal["key", "proxy"]
Known = dict[str, str]


class Observer:
    """Of keys below `prefixes`, by their names and by their values; of servers, by addresses."""

    def __init__(self, stage: Stage, *prefixes: str) -> None:
        self._stage = stage
        self._stop = threading.Event()
        self._moments: list[tuple[float, Where, str, bool]] = []
        self._threads = [
            *(threading.Thread(target=self._keys, args=(each,)) for each in prefixes),
            threading.Thread(target=self._proxy),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def moment(self, where: Where, what: str, there: bool, since: float) -> float | None:
        """The first time after `since` at which it came (`there`) or went."""
        for at, *rest in list(self._moments):
            if at >= since and rest == [where, what, there]:
                return at
        return None

    def wait(
        self, where: Where, what: str, there: bool, since: float, within: float = 30.0
    ) -> float:
        """Seconds from `since` until it came or went."""
        story = f"{what} {'comes' if there else 'goes'} ({where})"
        found = eventually(
            lambda: self.moment(where, what, there, since), within=within, what=story
        )
        assert found is not None
        return found - since

    def gone(self, where: Where, since: float) -> list[str]:
        return [what for at, place, what, there in list(self._moments)
                if at >= since and place == where and not there]  # fmt: skip

    def _keys(self, prefix: str) -> None:
        store = self._stage.store
        while not self._stop.is_set():
            known: Known = {}
            try:
                snapshot = store.read(prefix)
                known.update(snapshot.values)
                for change in store.changes(prefix, snapshot.revision, self._stop):
                    self._note_keys(known, dict(change.put), change.gone)
            except Unavailable:
                continue

    def _note_keys(self, known: Known, put: Known, gone: frozenset[str]) -> None:
        now = time.monotonic()
        for key in gone:
            self._note(now, key, known.pop(key, ""), False)
        for key, value in put.items():
            if known.get(key) != value:
                self._note(now, key, value, True)
        known.update(put)

    def _note(self, now: float, key: str, value: str, there: bool) -> None:
        self._moments.append((now, "key", value, there))
        self._moments.append((now, "key", key, there))

    def _proxy(self) -> None:
        known = self._stage.in_rotation()
        while not self._stop.wait(LOOK):
            new = self._stage.in_rotation()
            now = time.monotonic()
            self._moments += [(now, "proxy", each, False) for each in known - new]
            self._moments += [(now, "proxy", each, True) for each in new - known]
            known = new


@contextmanager
def observed(stage: Stage, *prefixes: str) -> Iterator[Observer]:
    made = Observer(stage, *prefixes)
    made.start()
    try:
        yield made
    finally:
        made.stop()
