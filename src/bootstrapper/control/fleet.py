"""The fleet as those who serve people and scripts see it: read from the settings' store.

The store is opened when it is first asked for, once; it connects by itself. Raises Unavailable when
the store is away.
"""

import threading
from collections.abc import Mapping, Sequence
from functools import cached_property

from bootstrapper.errors import Mistake, Unavailable
from bootstrapper.fleet.configured import layouts_of
from bootstrapper.fleet.events import FleetEvent
from bootstrapper.fleet.layouts import Layout
from bootstrapper.fleet.paths import (
    ALIVE,
    EVENTS,
    FLAPS,
    HELD,
    INSTANCES,
    MARKS,
    NODES,
    OFFERS,
    SAID,
    Paths,
)
from bootstrapper.fleet.reading import fleet_of
from bootstrapper.fleet.records import decode, decoder_of, encode
from bootstrapper.fleet.values import Fleet
from bootstrapper.ids import new_id
from bootstrapper.kv.open import open_store
from bootstrapper.kv.store import NO_GUARD, Keys, Put, Write
from bootstrapper.settings import Settings

FOLDERS = (INSTANCES, NODES, ALIVE, MARKS, HELD, SAID, FLAPS, OFFERS)
"""All but the events, which outnumber the rest."""
ATTEMPTS = 5
decoder_of(FleetEvent)


class FleetStore:
    """Safe for many threads. `writes` are of one actor's doing, and told by one event."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turn = threading.Lock()
        self._store: Keys | None = None
        self.paths = Paths(settings.fleet.prefix)

    @cached_property
    def layouts(self) -> tuple[Layout, ...]:
        return layouts_of(self._settings.fleet)

    @property
    def checks_anywhere(self) -> bool:
        return self._settings.fleet.api_checks == "any"

    @property
    def store(self) -> Keys:
        with self._turn:
            if self._store is None:
                self._store = open_store(self._settings)
            return self._store

    def read(self) -> Fleet:
        """Folder by folder; `revision` is the oldest that any of them was read at."""
        values: dict[str, str] = {}
        revisions = []
        for folder in FOLDERS:
            read = self.store.read(self.paths.prefix + folder)
            values.update(read.values)
            revisions.append(read.revision)
        return fleet_of(values, self.paths, min(revisions))

    def leader(self) -> str:
        """ "" while nobody leads."""
        found = self.store.look(self.paths.leader)
        return found.value if found else ""

    def events(self) -> tuple[FleetEvent, ...]:
        """All that are kept, the oldest first; one that cannot be read is passed over."""
        found: list[FleetEvent] = []
        for _, text in sorted(self.store.read(self.paths.prefix + EVENTS).values.items()):
            try:
                found.append(decode(text, FleetEvent))
            except Mistake:
                continue
        return tuple(found)

    def revision(self, key: str) -> int:
        found = self.store.look(key)
        return found.revision if found else 0

    def write(self, writes: Sequence[Write], when: Mapping[str, int] = NO_GUARD) -> bool:
        """False: somebody was faster, look again."""
        return self.store.write(writes, when) is not None

    def telling(self, event: FleetEvent) -> Put:
        """The event as a write that goes with the change it tells of."""
        return Put(self.paths.event(event.id), encode(event))


def event_id() -> str:
    return new_id()


def overtaken(name: str) -> Unavailable:
    """After ATTEMPTS at which others were faster."""
    return Unavailable(f"{name} changes too fast: try again")
