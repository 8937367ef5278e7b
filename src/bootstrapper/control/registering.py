"""A service registered by a script: an offer that its node's watch takes up.

Where no watch runs, the instance is written here, with its keys and its event in one step, so that
a machine without Bootstrapper is a member too. With a `ttl` all of that has one lease.
"""

import time
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from bootstrapper.actions.misfit import mistake_of
from bootstrapper.control.fleet import ATTEMPTS, FleetStore, event_id, overtaken
from bootstrapper.errors import Conflict, Mistake
from bootstrapper.fleet.checks.reach import check_reach
from bootstrapper.fleet.events import FleetEvent, Kind
from bootstrapper.fleet.layouts import published
from bootstrapper.fleet.records import encode
from bootstrapper.fleet.values import (
    ODD,
    Address,
    Check,
    Fleet,
    Health,
    Instance,
    Name,
    Offer,
    Port,
    Signal,
    Word,
)
from bootstrapper.kv.store import ABSENT, Delete, Entry, Lease, Put, Write

MOST_TTL = 31 * 86400.0
Tag = Annotated[str, Meta(min_length=1, max_length=200, pattern=rf"^[^{ODD}]+\Z")]


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`address` "": the node's own. `ttl`: seconds after which it is gone unless it was registered
    again; 0: it stays. `checks` are done by the node's watch."""

    node: Name
    port: Port
    address: Address = ""
    tags: Annotated[tuple[Tag, ...], Meta(max_length=100)] = ()
    weight: Annotated[int, Meta(ge=0, le=256)] = 100
    cluster: Word = ""
    checks: Annotated[tuple[Check, ...], Meta(max_length=10)] = ()
    ttl: Annotated[float, Meta(ge=0, le=MOST_TTL)] = 0.0


class Registered(msgspec.Struct, frozen=True, kw_only=True):
    """`watched`: its node's watch takes it up; else it was registered as it is, and `note` says
    what that means."""

    offer: Offer
    node: str
    watched: bool
    note: str = ""


def register(fleet: FleetStore, service: str, name: str, wanted: Wanted, by: str) -> Registered:
    """Raises Mistake, Conflict where another source or service has the id, Unavailable."""
    for _ in range(ATTEMPTS):
        now = fleet.read()
        offer = _offer(now, service, name, wanted)
        _checkable(fleet, offer)
        _free(now, offer, wanted.node)
        free = _free_keys(fleet, now, offer, wanted.node)
        watched = wanted.node in now.alive
        writing = _Registering(fleet, now, wanted.node, offer, by)
        if writing.as_offer() if watched else writing.as_instance(free):
            return Registered(
                offer=offer, node=wanted.node, watched=watched,
                note="" if watched else _unwatched(wanted),
            )  # fmt: skip
    raise overtaken(f"{wanted.node}/{name}")


def deregister(fleet: FleetStore, service: str, name: str, node: str, by: str) -> None:
    """What is not registered is done already. Raises Conflict, Unavailable."""
    key = f"{node}/{name}"
    for _ in range(ATTEMPTS):
        now = fleet.read()
        offer, instance = now.offers.get(key), now.instances.get(key)
        known = offer or instance
        if known is None or known.service != service:
            return
        if offer is None and instance is not None and instance.source != "api":
            raise Conflict(f"{key} is registered by {instance.source}: it goes when that says so")
        if _Removing(fleet, now, node, name, by).done(instance):
            return
    raise overtaken(key)


class _Registering:
    def __init__(self, fleet: FleetStore, now: Fleet, node: str, offer: Offer, by: str) -> None:
        self._fleet = fleet
        self._now = now
        self._node = node
        self._offer = offer
        self._by = by
        self._place = fleet.paths.offer(node, offer.id)

    def as_offer(self) -> bool:
        """Its node's watch is woken by the key, and does the rest."""
        entry = self._fleet.store.look(self._place)
        lease, same = self._lease(entry)
        if same:
            return True
        when = {self._place: entry.revision if entry else ABSENT}
        return self._fleet.write([Put(self._place, encode(self._offer), lease)], when)

    def as_instance(self, free: Mapping[str, int]) -> bool:
        """`free`: readers' keys that are to be as they were seen."""
        fleet, paths = self._fleet, self._fleet.paths
        entry = fleet.store.look(self._place)
        lease, same = self._lease(entry)
        record = paths.instance(self._node, self._offer.id)
        known = self._now.instances.get(f"{self._node}/{self._offer.id}")
        fresh = _instance(self._node, self._offer, fleet, known)
        shown = published(fleet.layouts, fresh, serves=self._now.serves(fresh))
        if same and fresh == known and self._is_shown(shown):
            return True
        gone = set(known.keys if known else ()) - shown.keys()
        event = self._event(known, fresh, tuple(sorted(shown)), tuple(sorted(gone)))
        writes: list[Write] = [
            Put(self._place, encode(self._offer), lease), Put(record, encode(fresh), lease),
            *(Put(key, value, lease) for key, value in shown.items()),
            *(Delete(key) for key in sorted(gone)), fleet.telling(event),
        ]  # fmt: skip
        return fleet.write(writes, {
            self._place: entry.revision if entry else ABSENT,
            record: fleet.revision(record),
            paths.alive(self._node): ABSENT,
            **free,
        })  # fmt: skip

    def _lease(self, entry: Entry | None) -> tuple[Lease | None, bool]:
        """The lease it has, kept once more, or a new one; and whether the offer is as it was."""
        same = entry is not None and entry.value == encode(self._offer)
        ttl = self._offer.ttl
        if not ttl:
            return None, same and entry is not None and not entry.lease
        if same and entry is not None and entry.lease:
            lease = Lease(entry.lease, ttl)
            if self._fleet.store.keep(lease):
                return lease, True
        return self._fleet.store.grant(ttl), False

    def _is_shown(self, shown: dict[str, str]) -> bool:
        found = {key: self._fleet.store.look(key) for key in shown}
        return all(each and each.value == shown[key] for key, each in found.items())

    def _event(
        self, known: Instance | None, fresh: Instance, put: tuple[str, ...], gone: tuple[str, ...]
    ) -> FleetEvent:
        kind: Kind = "instance_changed" if known else "instance_registered"
        return FleetEvent(
            id=event_id(), at=time.time(), kind=kind, node=self._node, instance=fresh.id,
            service=fresh.service, signal=Signal.REGISTERED, by=self._by, put=put, deleted=gone,
            reason="registered through the API; no watch runs on its node",
        )  # fmt: skip


class _Removing:
    def __init__(self, fleet: FleetStore, now: Fleet, node: str, name: str, by: str) -> None:
        self._fleet = fleet
        self._now = now
        self._node = node
        self._name = name
        self._by = by

    def done(self, instance: Instance | None) -> bool:
        """The offer goes; where no watch hears of that, the instance and its keys go with it."""
        fleet, paths = self._fleet, self._fleet.paths
        place, record = paths.offer(self._node, self._name), paths.instance(self._node, self._name)
        writes: list[Write] = [Delete(place)]
        when = {place: fleet.revision(place)}
        if instance is not None and self._node not in self._now.alive:
            writes += [Delete(record), *(Delete(key) for key in instance.keys)]
            when |= {record: fleet.revision(record), paths.alive(self._node): ABSENT}
            writes.append(fleet.telling(self._event(instance)))
        return fleet.write(writes, when)

    def _event(self, gone: Instance) -> FleetEvent:
        return FleetEvent(
            id=event_id(), at=time.time(), kind="instance_removed", node=self._node,
            instance=gone.id, service=gone.service, signal=Signal.DEREGISTERED, by=self._by,
            reason="deregistered through the API", deleted=gone.keys,
        )  # fmt: skip


def _offer(now: Fleet, service: str, name: str, wanted: Wanted) -> Offer:
    node = now.nodes.get(wanted.node)
    address = wanted.address or (node.address if node else "")
    if not address:
        said = f"no watch has registered {wanted.node}: give an address, or another node"
        raise Mistake(said, field="address")
    fields: dict[str, Any] = {
        **msgspec.to_builtins(wanted), "service": service, "id": name, "address": address,
        "source": "api",
    }  # fmt: skip
    del fields["node"]
    try:
        return msgspec.convert(fields, Offer)
    except msgspec.ValidationError as error:
        raise mistake_of(error) from error


def _free(now: Fleet, offer: Offer, node: str) -> None:
    known = now.instances.get(f"{node}/{offer.id}")
    if known is None:
        return
    if known.source != "api":
        raise Conflict(f"{known.key} is registered by {known.source} already", field="id")
    if known.service != offer.service:
        raise Conflict(f"{known.key} is registered as {known.service} already", field="id")


def _checkable(fleet: FleetStore, offer: Offer) -> None:
    """Nobody needs to wait for the node to say it; the node itself does not rely on us."""
    for number, check in enumerate(offer.checks):
        if fleet.checks_anywhere:
            continue
        try:
            check_reach(check, offer)
        except Mistake as error:
            raise Mistake(str(error), field=f"checks[{number}]") from error


def _free_keys(fleet: FleetStore, now: Fleet, offer: Offer, node: str) -> dict[str, int]:
    """Those that are to be put anew, at their revisions. Who may register on one node must not
    write over what another one shows: raises Conflict."""
    free: dict[str, int] = {}
    own = now.instances.get(f"{node}/{offer.id}")
    shown = published(fleet.layouts, _instance(node, offer, fleet, own), serves=True)
    for key in sorted(shown.keys() - set(own.keys if own else ())):
        if key.startswith(fleet.paths.prefix):
            raise Mistake(f"the key {key} is ours", field="service")
        for each in now.instances.values():
            if key in each.keys:
                raise Conflict(f"{key} is shown by {each.key} already: take another id", field="id")
        written = fleet.store.look(key)
        if written is not None and written.value != shown[key]:
            raise Conflict(f"{key} was written by somebody else: {_short(written)}", field="id")
        free[key] = written.revision if written else ABSENT
    return free


def _short(entry: Entry) -> str:
    return repr(entry.value[:100])


def only_node(now: Fleet, service: str, name: str) -> str:
    """Which node has it; "" when none does. Raises Mistake where several do."""
    wanted = (service, name)
    found = {x.node for x in now.instances.values() if (x.service, x.id) == wanted}
    for key, offer in now.offers.items():
        if (offer.service, offer.id) == wanted:
            found.add(key.partition("/")[0])
    if len(found) > 1:
        several = ", ".join(sorted(found))
        raise Mistake(f"several nodes have it: name one of {several}", field="node")
    return found.pop() if found else ""


def _instance(node: str, offer: Offer, fleet: FleetStore, known: Instance | None) -> Instance:
    fresh = Instance(
        service=offer.service, id=offer.id, node=node, address=offer.address, port=offer.port,
        since=time.time(), host=offer.host, cluster=offer.cluster, tags=offer.tags,
        weight=offer.weight, health=Health.PASSING, source="api",
    )  # fmt: skip
    keys = tuple(sorted(published(fleet.layouts, fresh, serves=True)))
    fresh = msgspec.structs.replace(fresh, keys=keys)
    same = known is not None and msgspec.structs.replace(fresh, since=known.since) == known
    return known if same and known is not None else fresh


def _unwatched(wanted: Wanted) -> str:
    text = f"no watch runs on {wanted.node}: it was registered as it is"
    if wanted.checks:
        text += ", and nobody does its checks"
    if wanted.ttl:
        return f"{text}; it is gone after {wanted.ttl:g} s unless it is registered again"
    return f"{text}; it stays until it is deregistered"
