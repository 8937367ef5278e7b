"""A node's own word that it goes: everything of it is taken away at once, and certain."""

import time
from collections.abc import Iterator

from bootstrapper.fleet.events import FleetEvent, Kind
from bootstrapper.fleet.paths import INSTANCES, Paths
from bootstrapper.fleet.reading import fleet_of
from bootstrapper.fleet.records import encode
from bootstrapper.fleet.values import Fleet, Instance, Signal
from bootstrapper.ids import new_id
from bootstrapper.kv.store import Delete, Keys, Put, Write

MOST = 100  # writes in a transaction


def leave(store: Keys, paths: Paths, node: str) -> None:
    """As the store has it now, not a mirror that may be behind. Raises Unavailable."""
    values: dict[str, str] = {}
    for prefix in (paths.node(node), f"{paths.prefix}{INSTANCES}"):
        values.update(store.read(prefix).values)
    writes = list(_writes(fleet_of(values, paths, 0), paths, node))
    for start in range(0, len(writes), MOST):
        store.write(writes[start : start + MOST])


def _writes(fleet: Fleet, paths: Paths, node: str) -> Iterator[Write]:
    others = {
        key for each in fleet.instances.values() if each.node != node for key in each.keys
    }  # they put right what was shown here too
    gone: set[str] = {paths.alive(node), paths.node(node)}
    for each in fleet.instances.values():
        if each.node == node:
            gone |= {paths.instance(node, each.id), *each.keys}
            yield _event(paths, "instance_removed", node, each)
    if (known := fleet.nodes.get(node)) is not None:
        gone |= set(known.keys)
        yield _event(paths, "node_left", node)
    yield from (Delete(key) for key in sorted(gone - others))


def _event(paths: Paths, kind: Kind, node: str, instance: Instance | None = None) -> Put:
    event = FleetEvent(
        id=new_id(), at=time.time(), kind=kind, node=node, signal=Signal.LEFT,
        reason="its watch was told to end", by=node,
        instance=instance.id if instance else "", service=instance.service if instance else "",
        deleted=instance.keys if instance else (),
    )  # fmt: skip
    return Put(paths.event(event.id), encode(event))
