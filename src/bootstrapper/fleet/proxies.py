"""What the checks of this node's proxies see down: a witness for the reconciler."""

import logging
from collections.abc import Iterator, Mapping, Sequence, Set

from bootstrapper.errors import Error
from bootstrapper.fleet.reading import Following
from bootstrapper.fleet.values import Instance
from bootstrapper.haproxy.answers import read_stat
from bootstrapper.haproxy.socket import Socket
from bootstrapper.lifecycle import Stop

logger = logging.getLogger(__name__)

LOOK = 1.0  # seconds


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
