"""Which instances the proxies of this node took in and let go, told as events of the fleet.

The difference that a config file made, when it followed the keys, says which places came and went.
"""

import logging
import threading
from collections import deque
from collections.abc import Iterator

from bootstrapper.errors import Refused, Unavailable
from bootstrapper.fleet.compare import compare
from bootstrapper.fleet.events import FleetEvent, Kind
from bootstrapper.fleet.followed import Followed, moved
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.proxies import place_of
from bootstrapper.fleet.reading import Following
from bootstrapper.fleet.records import encode
from bootstrapper.fleet.values import Fleet, Instance, Signal
from bootstrapper.ids import new_id
from bootstrapper.kv.store import Keys, Put
from bootstrapper.lifecycle import Stop

logger = logging.getLogger(__name__)

LOOK = 1.0  # seconds
MOST = 50  # events of one difference
REMEMBERED = 10_000
"""Places of instances that are gone: a proxy follows after they went."""


class Diary:
    """Says which instances a proxy took in and let go. `heard` returns at once."""

    def __init__(self, store: Keys, following: Following, paths: Paths, name: str) -> None:
        self._store = store
        self._following = following
        self._paths = paths
        self._name = name
        self._heard: deque[Followed] = deque(maxlen=1000)
        self._woken = threading.Event()
        self._fleet = Fleet()
        self._known: dict[str, Instance] = {}

    def heard(self, followed: Followed) -> None:
        self._heard.append(followed)
        self._woken.set()

    def run(self, stop: Stop) -> None:
        """The loop. What cannot be told is dropped: it is a comment, no state."""
        while not stop.is_set():
            self._remember()
            if not self._woken.wait(LOOK):
                continue
            self._woken.clear()
            self._remember()
            while self._heard:
                events = list(self._events(self._heard.popleft()))[:MOST]
                try:
                    if events:
                        self._store.write(
                            [Put(self._paths.event(each.id), encode(each)) for each in events]
                        )
                except (Unavailable, Refused) as error:
                    logger.debug("what the proxy did is not told: %s", error)

    def _remember(self) -> None:
        before, self._fleet = self._fleet, self._following.fleet()
        for each in (difference.of for difference in compare(before, self._fleet)):
            if isinstance(each, Instance):
                self._known.pop(place := place_of(each), None)  # the newest are the last
                self._known[place] = each
        for place in list(self._known)[: max(0, len(self._known) - REMEMBERED)]:
            del self._known[place]

    def _events(self, followed: Followed) -> Iterator[FleetEvent]:
        put, gone = moved(followed.difference)
        kinds: tuple[tuple[Kind, frozenset[str]], ...] = (
            ("proxy_left", gone), ("proxy_joined", put),
        )  # fmt: skip
        for kind, places in kinds:
            for place in sorted(places & self._known.keys()):
                of = self._known[place]
                yield FleetEvent(
                    id=new_id(), at=followed.at, kind=kind, node=of.node, instance=of.id,
                    service=of.service, signal=Signal.PROXY, by=self._name,
                    reason=f"{followed.file} followed {followed.how}",
                )  # fmt: skip
