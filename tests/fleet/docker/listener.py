"""Who is told what this node's containers offer, in the tests: it remembers all of it."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from bootstrapper.fleet.docker.keep import keep_docker, ways_of
from bootstrapper.fleet.values import Offer, Signal
from bootstrapper.settings.fleet import Docker
from support.eventually import eventually

WEB = {"SERVICE_NAME": "web"}
UP, DRAINING = {"one:80": "web up"}, {"one:80": "web draining"}


class Listener:
    def __init__(self) -> None:
        self.told: list[tuple[Mapping[str, Offer], Signal]] = []

    def set(self, source: str, offers: Mapping[str, Offer], signal: Signal) -> None:
        assert source == "docker"
        self.told.append((dict(offers), signal))

    @property
    def offers(self) -> Mapping[str, Offer]:
        return self.told[-1][0] if self.told else {}

    @property
    def signals(self) -> list[Signal]:
        return [signal for _, signal in self.told]

    @property
    def shown(self) -> dict[str, str]:
        """Of each container `name:port`, without the node."""
        return {
            name.removeprefix("node1:"): f"{each.service} {'draining' if each.draining else 'up'}"
            for name, each in self.offers.items()
        }


@contextmanager
def kept(url: str, *, resync: float = 60.0, timeout: float = 10.0) -> Iterator[Listener]:
    """A resync that no test waits for, unless it says so."""
    listener, stop = Listener(), threading.Event()
    docker = Docker(url=url, resync=resync, timeout=timeout)
    ways = ways_of(docker, "node1", "127.0.0.1")
    thread = threading.Thread(target=keep_docker, args=(docker, ways, listener, stop))
    thread.start()
    try:
        yield listener
    finally:
        stop.set()
        thread.join(15)
    assert not thread.is_alive()


def shows(listener: Listener, expected: dict[str, str], *, within: float = 10.0) -> None:
    def it_does() -> bool:
        assert listener.told
        assert listener.shown == expected
        return True

    eventually(it_does, within=within)
