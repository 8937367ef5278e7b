"""One offer, kept in the store by a lease of this process: it goes when the process does.

The node's watch takes it up from there. Whoever runs a command must not wait for the store, so all
that may block is done by a thread; what is asked of it is a state, which it makes true.
"""

import logging
import threading
from collections.abc import Callable

import msgspec

from bootstrapper.errors import Mistake, Refused, Unavailable
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.records import decode, encode
from bootstrapper.fleet.values import Node, Offer
from bootstrapper.kv.backoff import delays
from bootstrapper.kv.store import ABSENT, Keys, Lease, Put

logger = logging.getLogger(__name__)

LAST_WORD = 2.0  # seconds for taking it away; after that the lease does
LOOK = 0.5  # seconds between looks for the node's record


class Registration:
    """`offer.address` may be empty: the node's, as its watch has registered it."""

    def __init__(
        self, open_store: Callable[[], Keys], paths: Paths, node: str, offer: Offer, ttl: float
    ) -> None:
        self._open_store = open_store
        self._paths = paths
        self._node = node
        self._key = paths.offer(node, offer.id)
        self._ttl = ttl
        self._lock = threading.Lock()
        self._store: Keys | None = None
        self._offer = offer
        self._lease: Lease | None = None
        self._claimed = False
        self._over = False
        self._wake = threading.Event()
        self._drained = threading.Event()
        self._watch_seen = False
        self._warned = ""
        self._thread = threading.Thread(target=self._keep, name="registration", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def drain(self, seconds: float) -> bool:
        """It serves its last calls; whether that stands in the store within this time."""
        self._offer = msgspec.structs.replace(self._offer, draining=True)
        self._wake.set()
        return self._drained.wait(seconds)

    def withdraw(self) -> None:
        """Take it away now. Never raises: what cannot be deleted goes with its lease."""
        self._over = True
        self._wake.set()
        if self._lock.acquire(timeout=LAST_WORD):
            try:
                self._revoke()
            finally:
                self._lock.release()

    def _keep(self) -> None:
        waits = delays(first=0.05, cap=1.0)
        while not self._over:
            try:
                with self._lock:
                    again = self._turn()
                waits, self._warned = delays(first=0.05, cap=1.0), ""
            except (Unavailable, Refused) as error:
                self._warn(f"{self._offer.id} is not registered now: {error}")
                again = next(waits)
            except Mistake as error:
                self._warn(f"{self._offer.id} cannot be registered: {error}")
                again = LOOK
            self._wake.wait(again)
            self._wake.clear()
        with self._lock:
            self._revoke()

    def _turn(self) -> float:
        """Make it true in the store; seconds until the next look."""
        if self._over:
            return 0.0
        store = self._store = self._store or self._open_store()
        offer = self._addressed(store)
        if offer is None:
            return LOOK
        if self._lease is None or not store.keep(self._lease):
            self._lease = store.grant(self._ttl)
        self._put(store, self._lease, encode(offer))
        if offer.draining:
            self._drained.set()
        self._look_for_watch(store)
        return self._ttl / 3

    def _put(self, store: Keys, lease: Lease, value: str) -> None:
        """At first whatever stands there: it is left from one that was killed. Later only what is
        ours or gone, so that two of the same id do not take it from each other for ever.
        """
        entry = store.look(self._key)
        taken = entry is not None and entry.lease != lease.id
        if self._claimed and taken:
            logger.debug("%s is registered by another", self._offer.id)
        elif entry is None or taken or entry.value != value:
            revision = entry.revision if entry else ABSENT
            done = store.write((Put(self._key, value, lease),), {self._key: revision})
            self._claimed = self._claimed or done is not None

    def _addressed(self, store: Keys) -> Offer | None:
        offer = self._offer
        if offer.address:
            return offer
        entry = store.look(self._paths.node(self._node))
        if entry is None:
            self._look_for_watch(store)
            return None
        node = decode(entry.value, Node)
        return msgspec.structs.replace(offer, address=node.address)

    def _look_for_watch(self, store: Keys) -> None:
        """Once: whoever starts both together starts them in any order, so it is no error."""
        if self._watch_seen:
            return
        self._watch_seen = True
        if store.look(self._paths.alive(self._node)) is None:
            logger.warning(
                "no `bootstrapper watch` runs on %s: until one does, nobody takes up what is "
                "registered here", self._node,
            )  # fmt: skip

    def _warn(self, text: str) -> None:
        if text != self._warned:
            logger.warning("%s", text)
        self._warned = text

    def _revoke(self) -> None:
        lease, self._lease = self._lease, None
        if lease is None or self._store is None:
            return
        try:
            self._store.revoke(lease)
        except (Unavailable, Refused) as error:
            logger.warning("%s goes with its lease: %s", self._offer.id, error)
