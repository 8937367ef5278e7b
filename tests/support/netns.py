"""Machines of their own: network namespaces on one switch, whose links can be cut and healed.

The switch is a bridge in a namespace of its own, so that nothing of this machine's firewall or
forwarding has a say. The tests' side has a port of it too, and the first address of the subnet.
All names and the 10.x subnet differ from run to run; closing takes everything away.
"""

import json
import os
import random
import secrets
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from support.services import need

WHOLE, APART = "br0", "br1"
"""The bridge that everybody is on, and the one of those who are partitioned away."""


class Link:
    """One machine: run its processes behind `inside`, reach it at `address`."""

    def __init__(self, network: "Network", number: int, name: str) -> None:
        self.name = name
        self.namespace = f"{network.token}-{name}"
        self.address = f"{network.subnet}.{number}"
        self.port = f"p{number}"
        self.inside = inside(self.namespace)
        self._network = network

    def cut(self) -> None:
        """As if its cable was pulled."""
        self._network.at_switch(f"link set {self.port} down")

    def heal(self) -> None:
        self._network.at_switch(f"link set {self.port} up")


class Network:
    def __init__(self) -> None:
        need("ip", "nsenter")
        self.token = f"bs{secrets.token_hex(3)}"
        self.subnet = _free_subnet()
        self.address = f"{self.subnet}.1"
        self.links: list[Link] = []
        self._switch = f"{self.token}-sw"

    def start(self) -> "Network":
        _ip(f"netns add {self._switch}")
        self.at_switch(
            *(f"link add {each} type bridge forward_delay 0 mcast_snooping 0" for each in BRIDGES),
            *(f"link set {each} up" for each in BRIDGES),
        )
        ours = f"{self.token}r"
        _ip(
            f"link add {ours} type veth peer name p1 netns {self._switch}",
            f"addr add {self.address}/24 dev {ours}",
            f"link set {ours} up",
        )
        self.at_switch(f"link set p1 master {WHOLE}", "link set p1 up")
        return self

    def add(self, name: str) -> Link:
        link = Link(self, len(self.links) + 2, name)
        _ip(f"netns add {link.namespace}")
        self.links.append(link)
        self.at_switch(
            f"link add {link.port} type veth peer name eth0 netns {link.namespace}",
            f"link set {link.port} master {WHOLE}",
            f"link set {link.port} up",
        )
        _ip(
            "link set lo up",
            f"addr add {link.address}/24 dev eth0",
            "link set eth0 up",
            f"route add default via {self.address}",
            namespace=link.namespace,
        )
        return link

    def part(self, links: Sequence[Link]) -> None:
        """These see each other still, and nobody else sees them."""
        self.at_switch(*(f"link set {each.port} master {APART}" for each in links))

    def unite(self) -> None:
        self.at_switch(*(f"link set {each.port} master {WHOLE}" for each in self.links))

    def at_switch(self, *lines: str) -> None:
        _ip(*lines, namespace=self._switch)

    def close(self) -> None:
        """What still runs inside keeps running, without a link: end it before."""
        for name in (*(each.namespace for each in self.links), self._switch):
            subprocess.run(("ip", "netns", "del", name), check=False, capture_output=True)


BRIDGES = (WHOLE, APART)


@contextmanager
def network() -> Iterator[Network]:
    need_root()
    made = Network()
    try:
        yield made.start()
    finally:
        made.close()


def inside(namespace: str) -> tuple[str, ...]:
    """The words before a command that is to run there."""
    return ("nsenter", f"--net=/run/netns/{namespace}", "--")


def need_root() -> None:
    if os.geteuid() != 0:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("namespaces and containers need root")


def _ip(*lines: str, namespace: str = "") -> None:
    """Not `ip -netns`, which mounts a new /sys and cannot do so in every container."""
    where = inside(namespace) if namespace else ()
    done = subprocess.run(
        (*where, "ip", "-batch", "-"), input="\n".join(lines) + "\n", text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{lines}: {done.stderr}"


def _free_subnet() -> str:
    """10.x.y of which nothing here knows."""
    told = subprocess.run(("ip", "-json", "route"), capture_output=True, text=True, check=True)
    taken = {str(each.get("dst", "")) for each in json.loads(told.stdout or "[]")}
    while True:
        subnet = f"10.{random.randrange(100, 250)}.{random.randrange(250)}"
        if not any(each.startswith(f"{subnet}.") for each in taken):
            return subnet
