"""Events of the fleet as they come: each is told by the revision at which it was written.

A revision only grows, so one number says what was read, whatever the clocks of the nodes say.
"""

import logging
import threading
from collections.abc import Iterable, Iterator

import msgspec

from bootstrapper.control.fleet import FleetStore
from bootstrapper.errors import Mistake, Refused, Unavailable
from bootstrapper.fleet.events import FleetEvent
from bootstrapper.fleet.paths import EVENTS, NODES
from bootstrapper.fleet.records import decode, decoder_of
from bootstrapper.fleet.values import Node
from bootstrapper.kv.backoff import delays
from bootstrapper.kv.store import Gap
from bootstrapper.lifecycle import Stop

logger = logging.getLogger(__name__)
MOST = 500
"""Steps that are kept until they are told."""
decoder_of(FleetEvent)
decoder_of(Node)


class Told(msgspec.Struct, frozen=True):
    """`cluster`: of the event's node, as far as it is known."""

    event: FleetEvent
    cluster: str


class Step(msgspec.Struct, frozen=True):
    """All that was written up to `revision`, and after the step before."""

    revision: int
    events: tuple[Told, ...] = ()


class FleetNews:
    """One thread follows; another takes what is new, and says how far it got by asking on."""

    def __init__(self, fleet: FleetStore) -> None:
        self._fleet = fleet
        self._turn = threading.Lock()
        self._steps: list[Step] = []
        self._clusters: dict[str, str] = {}
        self._room = threading.Semaphore(MOST)
        self.fault = ""

    def after(self, revision: int) -> tuple[Step, ...]:
        """What came after it; what came before is forgotten."""
        with self._turn:
            for _ in range(sum(step.revision <= revision for step in self._steps)):
                self._room.release()
            self._steps = [step for step in self._steps if step.revision > revision]
            return tuple(self._steps)

    def follow(self, since: int, stop: Stop) -> None:
        """The loop. -1: from now on; what happened before anybody was to be told is not told."""
        waits = delays()
        while not stop.is_set():
            try:
                since = self._read(since, stop)
                for revision in self._changes(since, stop):
                    since = revision
                    self.fault, waits = "", delays()
            except Gap:
                continue
            except (Mistake, Refused, Unavailable) as error:
                level = logging.DEBUG if self.fault else logging.WARNING
                logger.log(level, "the fleet's events wait: %s", error)
                self.fault = str(error)
                stop.wait(next(waits))

    def _read(self, since: int, stop: Stop) -> int:
        read = self._fleet.store.entries(self._prefix)
        if since > read.revision:
            logger.warning("the store is another one: its events are told from now on")
            since = -1
        fresh = {key: each.value for key, each in read.entries.items() if each.revision > since}
        texts = [fresh[key] for key in sorted(fresh)] if since >= 0 else []
        self._add(Step(read.revision, self._told(texts)), stop)
        return read.revision

    def _changes(self, since: int, stop: Stop) -> Iterator[int]:
        for change in self._fleet.store.changes(self._prefix, since, stop):
            if change.put:
                texts = [change.put[key] for key in sorted(change.put)]
                self._add(Step(change.revision, self._told(texts)), stop)
            yield change.revision

    @property
    def _prefix(self) -> str:
        return f"{self._fleet.paths.prefix}{EVENTS}"

    def _add(self, step: Step, stop: Stop) -> None:
        while not self._room.acquire(timeout=0.2):
            if stop.is_set():
                return
        with self._turn:
            self._steps.append(step)

    def _told(self, texts: Iterable[str]) -> tuple[Told, ...]:
        events = []
        for text in texts:
            try:
                events.append(decode(text, FleetEvent))
            except Mistake:  # of another version
                continue
        if events:
            self._learn()
        return tuple(Told(event, self._clusters.get(event.node, "")) for event in events)

    def _learn(self) -> None:
        """The cluster of a node that is gone is remembered from when it was there."""
        for text in self._fleet.store.read(f"{self._fleet.paths.prefix}{NODES}").values.values():
            try:
                node = decode(text, Node)
            except Mistake:
                continue
            self._clusters[node.name] = node.cluster
