"""One of all watches reconciles: it holds the leader's key by a lease, and every write of it is
fenced by that key's revision, so that one that was deposed without knowing writes nothing.
"""

import logging
import time

from bootstrapper.errors import Refused, Unavailable
from bootstrapper.fleet.events import FleetEvent
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.records import encode
from bootstrapper.fleet.values import Signal
from bootstrapper.ids import new_id
from bootstrapper.kv.store import ABSENT, Claims, Lease, Put

logger = logging.getLogger(__name__)


class Leadership:
    """For one thread. `name`: of this node; `ttl`: seconds until a dead leader is replaced."""

    def __init__(self, store: Claims, paths: Paths, name: str, ttl: float) -> None:
        self._store = store
        self._paths = paths
        self._name = name
        self._ttl = ttl
        self._lease: Lease | None = None
        self._kept = 0.0
        self.term: int | None = None
        """The revision of the leader's key, while it is this one's."""

    def lead(self, moment: float, *, taken: bool) -> int | None:
        """Keep the lead, or take it where nobody has it (`taken`: somebody does): the term.

        `moment`: monotonic. Raises Unavailable; a lead that could not be kept for its time is over.
        """
        if self._lease is None:
            return None if taken else self._claim(moment)
        if moment - self._kept < self._ttl / 3:
            return self.term
        try:
            kept = self._store.keep(self._lease)
        except Unavailable:
            if moment - self._kept > self._ttl:
                self._lose("the store is away")
            raise
        if kept:
            self._kept = moment
        else:
            self._lose("its lease ran out")
        return self.term

    def resign(self) -> None:
        """Give it up now, so that another one need not wait."""
        lease = self._lease
        if lease is None:
            return
        self._lose("it resigns")
        try:
            self._store.revoke(lease)
        except (Unavailable, Refused) as error:
            logger.info("the lead ends by itself: %s", error)

    def _claim(self, moment: float) -> int | None:
        lease = self._store.grant(self._ttl)
        event = FleetEvent(
            id=new_id(), at=time.time(), kind="leader_elected", node=self._name,
            signal=Signal.REGISTERED, reason="nobody led", by=self._name,
        )  # fmt: skip
        claim = Put(self._paths.leader, self._name, lease)
        told = Put(self._paths.event(event.id), encode(event))
        term = self._store.write((claim, told), {self._paths.leader: ABSENT})
        if term is None:
            self._store.revoke(lease)
            return None
        self._lease, self._kept, self.term = lease, moment, term
        logger.info("%s reconciles the fleet", self._name)
        return term

    def _lose(self, why: str) -> None:
        self._lease, self.term = None, None
        logger.info("%s reconciles no more: %s", self._name, why)
