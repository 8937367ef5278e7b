"""Whom an agent may join: living peers of its cluster, chosen by chance. Pure.

They are known by the fleet's nodes, and by the keys that others write as a layout has them: those
of 2015 are `/proxy/serf/<host> = ip:port` and `/cluster/<name>/<ip> = member`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address
from random import Random

import msgspec

from bootstrapper.fleet.layouts import Layout, pattern_of
from bootstrapper.fleet.serf.members import Member, Members
from bootstrapper.fleet.values import Fleet, Node, State

SERVICE = "serf"
"""Who offers it says where it is joined."""
MOST = 3
"""Of them at once: one that answers is enough, and each that does not takes ten seconds."""
_PLACE = re.compile(r"(?:\[(?P<six>[^\]]+)\]|(?P<four>[^:\s]+)):(?P<port>\d{1,5})")


class Peer(msgspec.Struct, frozen=True, order=True):
    """`place` is ip:port, as `join` takes it."""

    name: str
    place: str

    @property
    def address(self) -> str:
        return self.place.rpartition(":")[0].strip("[]")


def peers_of(fleet: Fleet, cluster: str, *, port: int) -> tuple[Peer, ...]:
    """The living nodes of a cluster ("": of any), each at its serf service, else at `port`."""
    offered = {
        each.node: _place(each.address, each.port)
        for each in fleet.instances.values()
        if each.service == SERVICE
    }
    return tuple(
        Peer(node.name, offered.get(node.name) or _place(node.address, port))
        for node in sorted(fleet.nodes.values(), key=lambda node: node.name)
        if _lives(fleet, node) and node.address and cluster in ("", node.cluster)
    )


def foreign_peers(
    layouts: Iterable[Layout], values: Mapping[str, str], cluster: str, fleet: Fleet
) -> tuple[Peer, ...]:
    """Those that keys alone tell of; one that the fleet knows is the fleet's to judge.

    Where keys say who is in which cluster, they are right about it.
    """
    layouts = tuple(layouts)
    clusters = _clusters(layouts, values)
    found = dict(_serf_keys(layouts, values))
    return tuple(
        peer
        for name, place in sorted(found.items())
        if name not in fleet.nodes and (peer := Peer(name, place))
        if not cluster or _belongs(peer.address, cluster, clusters)
    )


def others(peers: Iterable[Peer], me: Member) -> tuple[Peer, ...]:
    """Without itself: it may have another name in the fleet than in Serf."""
    return tuple(each for each in peers if me.name != each.name and me.joined_at != each.place)


def choose(peers: Iterable[Peer], chance: Random, *, most: int = MOST) -> tuple[str, ...]:
    """Places of up to `most` peers, each as likely as the next."""
    places = sorted({peer.place for peer in peers})
    return tuple(chance.sample(places, min(most, len(places))))


def lonely(members: Members, me: Member, peers: Sequence[Peer]) -> bool:
    """It sees nobody alive but itself, and there are others that it could see."""
    seen = any(member.alive for name, member in members.items() if name != me.name)
    return bool(peers) and not seen


def _lives(fleet: Fleet, node: Node) -> bool:
    """A node of serf's alone has no lease that could tell."""
    leased = node.name in fleet.alive or node.source == "serf"
    return node.state is State.ALIVE and leased and node.name not in fleet.marks


def _serf_keys(layouts: Sequence[Layout], values: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    for layout in layouts:
        if layout.of != "instance" or (layout.services and SERVICE not in layout.services):
            continue
        pattern = pattern_of(layout)
        for key, value in values.items():
            fields = found.groupdict() if (found := pattern.fullmatch(key)) else {}
            host = fields.get("host") or fields.get("node") or fields.get("id")
            place = read_place(value)
            if host and place and fields.get("service", SERVICE) == SERVICE:
                yield host, place


def _belongs(address: str, cluster: str, clusters: Mapping[str, set[str]]) -> bool:
    """Nobody is known of the cluster yet: then it may be one of whom no key says anything."""
    if ours := clusters.get(cluster):
        return address in ours
    return not any(address in others for others in clusters.values())


def _clusters(layouts: Sequence[Layout], values: Mapping[str, str]) -> dict[str, set[str]]:
    """Each cluster's addresses, where a layout has keys for them."""
    found: dict[str, set[str]] = {}
    for pattern in (pattern_of(layout) for layout in layouts if layout.of == "node"):
        for key in values:
            fields = match.groupdict() if (match := pattern.fullmatch(key)) else {}
            address = fields.get("address") or fields.get("ip")
            if address and (cluster := fields.get("cluster")):
                found.setdefault(cluster, set()).add(address.strip("[]"))
    return found


def read_place(value: str) -> str:
    """`ip:port` as it is to be joined; "" when the value says no such thing."""
    found = _PLACE.fullmatch(value.strip())
    if not found or not 0 < int(found["port"]) < 1 << 16:
        return ""
    try:
        return _place(str(ip_address(found["six"] or found["four"])), int(found["port"]))
    except ValueError:
        return ""


def _place(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
