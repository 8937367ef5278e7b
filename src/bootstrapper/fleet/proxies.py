"""What the proxies of this node do with the fleet: told as events, and heard as a witness.

A config that followed the keys says by its difference which places came and went; a proxy's own
checks say which servers are down.
"""

import logging
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence, Set

from bootstrapper.errors import Error, Refused, Unavailable
from bootstrapper.fleet.events import FleetEvent, Kind
from bootstrapper.fleet.followed import Followed, moved
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.reading import Following
from bootstrapper.fleet.records import encode
from bootstrapper.fleet.values import Instance, Signal
from bootstrapper.haproxy.answers import read_stat
from bootstrapper.haproxy.socket import Socket
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
        for each in self._following.fleet().instances.values():
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


class Witness:
    """What the proxies' own checks see down: `Instance.key`, or the key that a script wrote."""

    def __init__(self, sockets: Sequence[str], following: Following) -> None:
        self._sockets = [Socket(path, timeout=LOOK) for path in sockets]
        self._following = following
        self._down: frozenset[str] = frozenset()

    def down(self) -> frozenset[str]:
        return self._down

    def run(self, stop: Stop) -> None:
        """The loop. A proxy that does not answer is no witness."""
        while not stop.is_set():
            places: set[str] = set()
            for each in self._sockets:
                try:
                    places |= down_in(read_stat(each.ask("show stat")))
                except Error as error:
                    logger.debug("%s says nothing of its servers: %s", each.path, error)
            instances = self._following.fleet().instances
            self._down = named(places, instances, self._following.view.values)
            stop.wait(LOOK)


def down_in(rows: Iterator[Mapping[str, str]]) -> set[str]:
    """Places of servers that are down; one that is up in another backend counts as up. Pure."""
    up: set[str] = set()
    down: set[str] = set()
    for row in rows:
        place, status = row.get("addr") or "", row.get("status") or ""
        if place and status.startswith("DOWN"):
            down.add(place)
        elif place and status.startswith(("UP", "no check", "DRAIN")):
            up.add(place)
    return down - up


def named(
    places: Set[str], instances: Mapping[str, Instance], values: Mapping[str, str]
) -> frozenset[str]:
    """The instances at these places, and the readers' keys that name one. Pure."""
    if not places:
        return frozenset()
    found = {key for key, each in instances.items() if place_of(each) in places}
    return frozenset(found | {key for key, value in values.items() if value in places})


def place_of(instance: Instance) -> str:
    host = f"[{instance.address}]" if ":" in instance.address else instance.address
    return f"{host}:{instance.port}"
