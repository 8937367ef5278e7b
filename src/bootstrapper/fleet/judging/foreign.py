"""Keys of the layouts that no record explains: scripts wrote them, for nodes that serf knows.

Whose a key is, its path says (a host, a node), or its id as registrator makes it
(`host:name:port`), or the address in it. Whose owner stays unknown is nobody's to touch.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bootstrapper.fleet.layouts import Layout, pattern_of
from bootstrapper.fleet.values import Fleet

ADDRESS = re.compile(r"\[?([0-9A-Za-z_.:-]+?)\]?:(\d{1,5})\Z")

PORTS = 65535


@dataclass(frozen=True, slots=True)
class Foreign:
    """`service`: "" for a key of a node; `address` and `port`: of its value, where it has them."""

    key: str
    value: str
    host: str
    service: str
    address: str = ""
    port: int = 0


@dataclass(frozen=True, slots=True)
class _Named:
    host: str
    address: str
    service: str


class Reading:
    def __init__(self, layouts: tuple[Layout, ...], own: str) -> None:
        self._own = own
        self._layouts = tuple((each, pattern_of(each)) for each in layouts)
        self._read: dict[str, tuple[_Named, ...]] = {}

    def foreign(
        self,
        values: Mapping[str, str],
        claims: Mapping[str, object],
        hidden: Mapping[str, object],
        fleet: Fleet,
    ) -> dict[str, tuple[Foreign, ...]]:
        found: dict[str, list[Foreign]] = {}
        read: dict[str, tuple[_Named, ...]] = {}
        hosts = addresses = None
        own = self._own
        for key, value in values.items():
            if key.startswith(own) or key in claims or key in hidden:
                continue
            named = read[key] = self._read.get(key) or tuple(self._names(key))
            if not named:
                continue
            if hosts is None or addresses is None:
                hosts, addresses = _hosts(fleet), _addresses(fleet)
            host = hosts.get(named[0].host, named[0].host) or addresses.get(named[0].address, "")
            if host:
                found.setdefault(host, []).append(_foreign(key, value, host, named[0].service))
        self._read = read
        return {host: tuple(each) for host, each in found.items()}

    def _names(self, key: str) -> Iterator[_Named]:
        for layout, pattern in self._layouts:
            if (match := pattern.fullmatch(key)) is None:
                continue
            fields = match.groupdict()
            service = fields.get("service", "") if layout.of == "instance" else ""
            if layout.services and service not in layout.services:
                continue
            host = fields.get("host") or fields.get("node") or fields.get("name") or ""
            if not host and ":" in fields.get("id", ""):
                host = fields["id"].partition(":")[0]
            address = fields.get("address") or fields.get("ip") or ""
            if host or address:
                yield _Named(host, address.strip("[]"), service)


def _hosts(fleet: Fleet) -> dict[str, str]:
    """The name of a container → the node that it is on, where that is told and no node's own."""
    hosts = {each.host: each.node for each in fleet.instances.values() if each.host}
    return hosts | {name: name for name in fleet.nodes}


def _addresses(fleet: Fleet) -> dict[str, str]:
    """An address that two nodes have, one of them alive, is that one's."""
    found: dict[str, str] = {}
    for name in sorted(fleet.nodes, key=lambda each: each in fleet.alive):
        found[fleet.nodes[name].address] = name
    return found


def _foreign(key: str, value: str, host: str, service: str) -> Foreign:
    match = ADDRESS.fullmatch(value.strip())
    if match is None or not 0 < int(match[2]) <= PORTS:
        return Foreign(key, value, host, service)
    return Foreign(key, value, host, service, match[1], int(match[2]))
