"""An operator's word on the fleet: a held removal answered, a node or an instance drained.

Each is one transaction with its event. A mark takes the readers' keys along at once, so that nobody
waits for a reconciler; with many keys in several steps, the mark first.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from bootstrapper.control.fleet import ATTEMPTS, FleetStore, event_id, overtaken
from bootstrapper.errors import Conflict, Unknown
from bootstrapper.fleet.events import FleetEvent, Kind
from bootstrapper.fleet.layouts import readable
from bootstrapper.fleet.records import decode, encode
from bootstrapper.fleet.values import Fleet, Held, Instance, Mark, Signal
from bootstrapper.kv.store import ABSENT, Delete, Lease, Put, Write
from bootstrapper.nearest import nearest

Reply = Literal["confirmed", "refused"]
AT_ONCE = 100  # writes in one transaction: etcd takes 128
LIFTED = (Signal.OPERATOR, Signal.FLAPPING)
"""What an operator may lift; a guess is lifted by the life of the node itself."""


def answer(fleet: FleetStore, name: str, reply: Reply, by: str) -> Held:
    """`name`: a node or `node/id`, as it is held. Raises Unknown."""
    key = fleet.paths.held(name)
    for _ in range(ATTEMPTS):
        entry = fleet.store.look(key)
        if entry is None:
            known = sorted(fleet.read().held)
            raise Unknown(f"no removal of {name!r} is held{nearest(name, known)}", field="name")
        held = decode(entry.value, Held)
        if held.answer == reply:
            return held
        answered = msgspec.structs.replace(held, answer=reply, by=by)
        kind: Kind = "removal_confirmed" if reply == "confirmed" else "removal_refused"
        event = _event(kind, name, f"{held.rule} held it", by)
        writes = [Put(key, encode(answered)), fleet.telling(event)]
        if fleet.write(writes, {key: entry.revision}):
            return answered
    raise overtaken(name)


def drain(fleet: FleetStore, name: str, reason: str, by: str) -> Mark:
    """Out of rotation until it is released, whatever others think of it. Raises Unknown."""
    key = fleet.paths.mark(name)
    for _ in range(ATTEMPTS):
        now = fleet.read()
        chosen = _instances(now, name)
        known = now.marks.get(name)
        if known is not None and known.signal is Signal.OPERATOR and known.reason == reason:
            return known
        mark = Mark(signal=Signal.OPERATOR, reason=reason, since=time.time(), by=by)
        marks = {**now.marks, name: mark}
        shown = _shown(fleet, msgspec.structs.replace(now, marks=marks), name, chosen)
        gone = {each for found in chosen for each in found.keys} | set(_node_keys(now, name))
        kind: Kind = "instance_draining" if "/" in name else "node_held"
        put, deleted = tuple(sorted(shown)), tuple(sorted(gone - shown.keys()))
        event = _event(kind, name, reason or Signal.OPERATOR.value, by, put, deleted)
        first: list[Write] = [Put(key, encode(mark)), fleet.telling(event)]
        rest: list[Write] = [*_puts(fleet, shown, chosen), *map(Delete, deleted)]
        if _perform(fleet, first, rest, {key: fleet.revision(key) if known else ABSENT}):
            return mark
    raise overtaken(name)


def release(fleet: FleetStore, name: str, by: str) -> bool:
    """False: it was not drained. Raises Unknown, and Conflict for what it is no operator's to lift.

    The keys of what serves again are put here too; a node's own watch would do it as well.
    """
    key = fleet.paths.mark(name)
    for _ in range(ATTEMPTS):
        now = fleet.read()
        chosen = _instances(now, name)
        known = now.marks.get(name)
        if known is None:
            return False
        if known.signal not in LIFTED:
            raise Conflict(
                f"{name} is out of rotation because {known.signal.value}: it returns by itself"
            )
        marks = {each: mark for each, mark in now.marks.items() if each != name}
        shown = _shown(fleet, msgspec.structs.replace(now, marks=marks), name, chosen)
        kind: Kind = "instance_returned" if "/" in name else "node_released"
        event = _event(kind, name, "released by an operator", by, tuple(sorted(shown)))
        first: list[Write] = [Delete(key), fleet.telling(event)]
        rest: list[Write] = [*_puts(fleet, shown, chosen)]
        if _perform(fleet, first, rest, {key: fleet.revision(key)}):
            return True
    raise overtaken(name)


def _instances(now: Fleet, name: str) -> tuple[Instance, ...]:
    """Those that a mark on this name is about."""
    found = tuple(each for each in now.instances.values() if name in (each.key, each.node))
    if not found and name not in now.nodes and name not in now.marks:
        known = sorted({*now.nodes, *now.instances, *(x.node for x in now.instances.values())})
        raise Unknown(f"no node or instance {name!r}{nearest(name, known)}", field="name")
    return found


def _shown(
    fleet: FleetStore, after: Fleet, name: str, chosen: Iterable[Instance]
) -> dict[str, str]:
    """Of the keys that the records name: which a node's layouts put is its own to say."""
    found: dict[str, str] = {}
    for each in chosen:
        shown = readable(fleet.layouts, each, serves=after.serves(each))
        found |= {key: value for key, value in shown.items() if key in each.keys}
    node = after.nodes.get(name)
    if node is not None:
        alive = name not in after.marks and name in after.alive
        shown = readable(fleet.layouts, node, serves=alive)
        found |= {key: value for key, value in shown.items() if key in node.keys}
    return found


def _node_keys(now: Fleet, name: str) -> tuple[str, ...]:
    node = now.nodes.get(name)
    return node.keys if node else ()


def _puts(fleet: FleetStore, shown: Mapping[str, str], chosen: Iterable[Instance]) -> Iterator[Put]:
    """With the lease that the instance's record has, if it has one."""
    leases: dict[str, Lease] = {}
    for each in chosen:
        if any(key in shown for key in each.keys):
            entry = fleet.store.look(fleet.paths.instance(each.node, each.id))
            if entry and entry.lease:
                leases |= dict.fromkeys(each.keys, Lease(entry.lease, 0.0))
    return (Put(key, value, leases.get(key)) for key, value in sorted(shown.items()))


def _perform(
    fleet: FleetStore, first: list[Write], rest: list[Write], when: Mapping[str, int]
) -> bool:
    room = AT_ONCE - len(first)
    if not fleet.write([*first, *rest[:room]], when):
        return False
    for start in range(room, len(rest), AT_ONCE):
        fleet.write(rest[start : start + AT_ONCE])
    return True


def _event(
    kind: Kind,
    name: str,
    reason: str,
    by: str,
    put: tuple[str, ...] = (),
    deleted: tuple[str, ...] = (),
) -> FleetEvent:
    node, _, instance = name.partition("/")
    return FleetEvent(
        id=event_id(), at=time.time(), kind=kind, node=node, instance=instance, by=by,
        signal=Signal.OPERATOR, reason=reason, put=put, deleted=deleted,
    )  # fmt: skip
