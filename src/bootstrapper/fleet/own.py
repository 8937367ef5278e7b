"""The watch of a node: it keeps a lease, and keeps true in the store what its sources offer.

It registers again whenever something of its own is gone: the whole state is compared at each turn,
whatever woke it.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping

import msgspec

from bootstrapper.errors import Refused, Unavailable
from bootstrapper.fleet.layouts import Layout
from bootstrapper.fleet.leaving import leave
from bootstrapper.fleet.offers import Offers
from bootstrapper.fleet.owning import Healths, Known, Owned, Step, steps
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.reading import Following
from bootstrapper.fleet.records import encode
from bootstrapper.fleet.registered import registered
from bootstrapper.fleet.sound import Sound
from bootstrapper.fleet.values import Fleet, Node, Offer, Signal
from bootstrapper.ids import new_id
from bootstrapper.kv.backoff import delays
from bootstrapper.kv.mirror import UNKNOWN
from bootstrapper.kv.store import ABSENT, Delete, Keys, Lease, Put, Write
from bootstrapper.lifecycle import Stop

logger = logging.getLogger(__name__)

MOST = 100
"""Writes in a transaction: etcd takes 128, and an operator may have set less for others."""
LOOK = 1.0  # seconds between turns that nothing woke
SOON = 0.02
SETTLE = 0.3
"""Seconds after a write in which a reader's key that is missing may only be late."""
CAUGHT_UP = 1.0  # seconds to wait for the mirror to show what was written


class Overtaken(Unavailable):
    """Somebody marked us meanwhile: look again."""


class Owner:
    """One node's. `healths` of its offers are answered at once; `offers.wake` tells of news."""

    def __init__(
        self,
        store: Keys,
        node: Node,
        offers: Offers,
        healths: Callable[[Mapping[str, Offer]], Healths],
        following: Following,
        layouts: tuple[Layout, ...],
        paths: Paths,
        ttl: float,
    ) -> None:
        self._store = store
        self._node = node
        self._offers = offers
        self._healths = healths
        self._following = following
        self._layouts = layouts
        self._paths = paths
        self._ttl = ttl
        self._lease: Lease | None = None
        self._written = 0
        self._done: Owned | None = None
        self._wrote_at = 0.0
        self._sound = Sound(node, layouts)
        self._lived = False
        self._told = ""

    def keep_lease(self, stop: Stop) -> None:
        """A loop: a lease, kept alive; a new one when it was lost, whatever the reason."""
        waits = delays(first=0.05, cap=0.5)
        while not stop.is_set():
            try:
                lease = self._lease
                began = time.monotonic()
                if lease is None or not self._store.keep(lease):
                    self._lease = self._store.grant(self._ttl)
                    self._offers.wake()
                waits = delays(first=0.05, cap=0.5)
                took = time.monotonic() - began  # by a slow store, its time runs meanwhile
                stop.wait(max(SOON, self._ttl / 3 - took))
            except (Unavailable, Refused) as error:
                logger.debug("the lease is not kept: %s", error)
                stop.wait(next(waits))

    def run(self, stop: Stop) -> None:
        waits = delays(first=0.05, cap=1.0)
        again, away = LOOK, False
        while not stop.is_set():
            self._offers.wait(again)
            if stop.is_set():
                return
            try:
                again = self.turn()
                waits = delays(first=0.05, cap=1.0)
                if away:
                    logger.info("the store is back: what runs here is registered")
                away = False
            except Overtaken:
                again = SOON
            except (Unavailable, Refused) as error:
                level = logging.DEBUG if away else logging.WARNING
                logger.log(level, "what runs here is not registered now: %s", error)
                away, again = True, next(waits)

    def turn(self) -> float:
        """Write what differs; seconds until the next look."""
        lease = self._lease
        if lease is None:
            return LOOK
        caught_up = self._catch_up()
        if self._following.seen() == UNKNOWN:  # else what is registered would look new
            return SOON
        fleet, values = self._following.fleet(), self._following.view.values
        if self._taken(fleet):
            return LOOK
        if fleet.alive.get(self._node.name) != self._node.incarnation:
            self._write(self._sign_of_life(lease), {})
            self._lived = True
        self._offers.set("api", registered(fleet, self._node.name), Signal.DEREGISTERED)
        offers = self._sound.of(self._offers.now())
        owned = Owned(
            node=self._node,
            offers=offers,
            healths=self._healths(offers),
            signals=self._offers.signals(self._own_ids(fleet)),
            spoken=self._offers.sources() | {"run"},  # `run` speaks where the API does
        )  # fmt: skip
        if not caught_up and owned == self._done:  # our own words, which we do not hear yet
            return LOOK
        todo = steps(owned, Known(fleet, values, self._layouts, self._paths, time.time()))
        certain = [step for step in todo if step.event is not None]
        for chunk in _chunks(certain):
            self._perform(chunk)
        self._done = owned
        late = [step for step in todo if step.event is None]
        if late and time.monotonic() - self._wrote_at < SETTLE:
            return SETTLE
        for chunk in _chunks(late):
            self._perform(chunk)
        return LOOK

    def leave(self) -> None:
        """Take everything of this node away, once its loops have ended. Raises Unavailable."""
        leave(self._store, self._paths, self._node.name)
        if self._lease is not None:
            self._store.revoke(self._lease)

    def _taken(self, fleet: Fleet) -> bool:
        """Whether a watch that began later has this name too. It alone registers while it lives:
        each of them would take away what the other says, without end.
        """
        other = fleet.alive.get(self._node.name, "")
        known = self._lived and self._following.seen() >= self._written
        taken = known and other not in ("", self._node.incarnation)
        if taken and other != self._told:
            logger.error(
                "another watch has the name %s: nothing is registered from here while it lives; "
                "give each its own fleet.node", self._node.name,
            )  # fmt: skip
        self._told = other if taken else ""
        return taken

    def _own_ids(self, fleet: Fleet) -> frozenset[str]:
        mine = f"{self._node.name}/"
        return frozenset(key.removeprefix(mine) for key in fleet.instances if key.startswith(mine))

    def _sign_of_life(self, lease: Lease) -> list[Write]:
        return [Put(self._paths.alive(self._node.name), self._node.incarnation, lease)]

    def _perform(self, chunk: list[Step]) -> None:
        """All of them in one transaction, if no mark came that we have not seen."""
        mark = self._paths.mark(self._node.name)
        when = {} if mark in self._following.view.values else {mark: ABSENT}
        for key in (key for step in chunk for key in step.lifted):
            entry = self._store.look(key)
            when[key] = entry.revision if entry else ABSENT
        writes: dict[str, Write] = {}
        for step in chunk:
            writes |= {key: Put(key, value) for key, value in step.put.items()}
            writes |= {key: Delete(key) for key in step.delete if key not in step.put}
            if step.event is not None:
                event = msgspec.structs.replace(step.event, id=new_id())
                key = self._paths.event(event.id)
                writes[key] = Put(key, encode(event))
                logger.info(
                    "%s: %s", event.kind, event.reason,
                    extra={"node": event.node, "instance": event.instance,
                           "service": event.service, "signal": event.signal.value},
                )  # fmt: skip
        self._write(list(writes.values()), when)

    def _write(self, writes: list[Write], when: dict[str, int]) -> None:
        revision = self._store.write(writes, when)
        if revision is None:
            raise Overtaken("a mark came in between")
        self._written, self._wrote_at = revision, time.monotonic()

    def _catch_up(self) -> bool:
        """Whether the mirror shows what was written: a turn must not write the same again."""
        until = time.monotonic() + CAUGHT_UP
        while self._following.seen() < self._written:
            if time.monotonic() > until:
                return False
            time.sleep(SOON / 10)
        return True


def _chunks(todo: list[Step]) -> Iterator[list[Step]]:
    chunk: list[Step] = []
    size = 0
    for step in todo:
        cost = len(step.put) + len(step.delete) + 1
        if chunk and size + cost > MOST:
            yield chunk
            chunk, size = [], 0
        chunk.append(step)
        size += cost
    if chunk:
        yield chunk
