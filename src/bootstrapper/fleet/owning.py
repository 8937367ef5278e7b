"""What the watch of a node has to write so that the store says what is true of it. Pure.

A step is one thing that happened: all that it changes, and the event that tells of it, are written
together, without asking what readers' keys are now: that may be known late. Only differences are
written, so a turn without news yields no step.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

import msgspec

from bootstrapper.fleet.events import FleetEvent, Kind
from bootstrapper.fleet.layouts import Layout, readable
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.records import encode
from bootstrapper.fleet.sharing import Others
from bootstrapper.fleet.values import Fleet, Health, Instance, Mark, Node, Offer, Signal

Healths = Mapping[str, tuple[Health, str]]
"""`Offer.id` → its health and why."""


@dataclass(frozen=True, slots=True)
class Step:
    """`event` has no id yet; None: nothing happened, only keys are put right. `lifted`: marks to
    delete, each of which is still as it was seen."""

    put: Mapping[str, str]
    delete: Set[str]
    event: FleetEvent | None = None
    lifted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Owned:
    """A node and what it offers. `spoken`: sources whose whole state is known."""

    node: Node
    offers: Mapping[str, Offer]
    healths: Healths
    signals: Mapping[str, Signal]
    spoken: frozenset[str]


def steps(
    owned: Owned,
    fleet: Fleet,
    values: Mapping[str, str],
    layouts: tuple[Layout, ...],
    paths: Paths,
    now: float,
) -> tuple[Step, ...]:
    """`values`: the store's keys as they are known, `now`: Unix time."""
    lifted = _liftable(owned.node.name, fleet, now)
    marks = {name: mark for name, mark in fleet.marks.items() if name not in lifted}
    after = msgspec.structs.replace(fleet, marks=marks)
    found = [*_lifts(owned.node, lifted, paths, now)]
    found += _of_node(owned.node, fleet, after, values, layouts, paths, now)
    found += _of_instances(owned, fleet, after, values, layouts, paths, now)
    return tuple(found)


def instance_of(node: Node, offer: Offer, health: Health, since: float) -> Instance:
    return Instance(
        service=offer.service, id=offer.id, node=node.name, address=offer.address,
        port=offer.port, since=since, host=offer.host, cluster=offer.cluster or node.cluster,
        tags=offer.tags, weight=offer.weight, source=offer.source,
        health=Health.DRAINING if offer.draining else health,
    )  # fmt: skip


def _liftable(node: str, fleet: Fleet, now: float) -> tuple[str, ...]:
    """To write is to live: what others guessed of us is wrong. An operator's word stays."""
    return tuple(
        name
        for name, mark in fleet.marks.items()
        if (name == node or name.startswith(f"{node}/")) and _was_a_guess(mark, now)
    )


def _was_a_guess(mark: Mark, now: float) -> bool:
    return (mark.signal.guess or mark.signal is Signal.FLAPPING) and mark.until <= now


def _lifts(node: Node, lifted: tuple[str, ...], paths: Paths, now: float) -> Iterator[Step]:
    for name in lifted:
        event = _event("node_returned", node.name, Signal.RETURNED, "its watch is back", now)
        yield Step({}, frozenset({paths.mark(name)}), event, lifted=(paths.mark(name),))


def _of_node(
    node: Node,
    fleet: Fleet,
    after: Fleet,
    values: Mapping[str, str],
    layouts: tuple[Layout, ...],
    paths: Paths,
    now: float,
) -> Iterator[Step]:
    known = fleet.nodes.get(node.name)
    others = Others(after, node.name, layouts)
    marked = node.name in after.marks
    shown = readable(layouts, node, serves=True)
    wanted = msgspec.structs.replace(
        node, since=known.since if known else now, keys=tuple(sorted(shown))
    )
    if marked:
        shown = readable(layouts, node, serves=False)
    keys = {*wanted.keys, *(known.keys if known else ())}
    if known != wanted:
        kind: Kind = "node_returned" if known else "node_joined"
        event = _event(kind, node.name, Signal.REGISTERED, "its watch began", now)
        before = readable(layouts, known, serves=True) if known else {}
        event = _with_keys(event, before, shown)
        put, gone = others.settle(shown, keys, (marked, node.name))
        yield Step({paths.node(node.name): encode(wanted)} | put, gone, event)
    elif _is_wrong(shown, keys, values):
        yield from _put_right(*others.settle(shown, keys, (marked, node.name)), values)


def _of_instances(
    owned: Owned,
    fleet: Fleet,
    after: Fleet,
    values: Mapping[str, str],
    layouts: tuple[Layout, ...],
    paths: Paths,
    now: float,
) -> Iterator[Step]:
    node = owned.node
    others = Others(after, node.name, layouts)
    mine = {each.id: each for each in fleet.instances.values() if each.node == node.name}
    for name, offer in owned.offers.items():
        known = mine.pop(name, None)
        health, why = owned.healths.get(name, (Health.STARTING, "it was not checked yet"))
        if health is Health.STARTING and known is not None and _serves(known, offer, fleet):
            health = Health.PASSING
        fresh = instance_of(node, offer, health, now)
        shown = readable(layouts, fresh, serves=True)
        fresh = msgspec.structs.replace(fresh, keys=tuple(sorted(shown)))
        same = known is not None and msgspec.structs.replace(fresh, since=known.since) == known
        serves = after.serves(fresh)
        if not serves:
            shown = readable(layouts, fresh, serves=False)
        keys = {*fresh.keys, *(known.keys if known else ())}
        if not same:
            signal = owned.signals.get(name, Signal.REGISTERED)
            before = _shown_before(known, fleet, layouts)
            event = _with_keys(_change(known, fresh, signal, why, now), before, shown)
            record = {paths.instance(node.name, name): encode(fresh)}
            put, hidden = others.settle(shown, keys, (not serves, fresh.key))
            yield Step(record | put, hidden, event)
        elif _is_wrong(shown, keys, values):
            yield from _put_right(*others.settle(shown, keys, (not serves, fresh.key)), values)
    for name, gone in mine.items():
        if gone.source in owned.spoken:
            signal = owned.signals.get(name, Signal.STALE)
            event = _event("instance_removed", node.name, signal, signal.value, now, gone)
            event = _with_keys(event, _shown_before(gone, fleet, layouts), {})
            put, hidden = others.settle({}, gone.keys, (True, gone.key))
            yield Step(put, {*hidden, paths.instance(node.name, name)}, event)


def _serves(known: Instance, offer: Offer, fleet: Fleet) -> bool:
    """It has traffic: it is this watch that began anew, and it takes nothing away unasked."""
    same = (known.address, known.port) == (offer.address, offer.port)
    return same and fleet.serves(known)


def _shown_before(
    known: Instance | None, fleet: Fleet, layouts: tuple[Layout, ...]
) -> Mapping[str, str]:
    return readable(layouts, known, serves=fleet.serves(known)) if known else {}


def _with_keys(
    event: FleetEvent, before: Mapping[str, str], after: Mapping[str, str]
) -> FleetEvent:
    """What readers see change, rather than what is written to be sure."""
    put = tuple(sorted(key for key, value in after.items() if before.get(key) != value))
    deleted = tuple(sorted(before.keys() - after.keys()))
    return msgspec.structs.replace(event, put=put, deleted=deleted)


def _change(
    known: Instance | None, fresh: Instance, signal: Signal, why: str, now: float
) -> FleetEvent:
    kind: Kind = "instance_changed"
    reason = signal.value
    if known is None:
        kind, reason = "instance_registered", f"offered by {fresh.source}"
    elif known.health is not fresh.health:
        match fresh.health:
            case Health.DRAINING:
                kind = "instance_draining"
            case Health.PASSING:
                kind, signal, reason = "instance_passing", Signal.CHECK, why
            case _:
                kind, signal, reason = "instance_failing", Signal.CHECK, why
    return _event(kind, fresh.node, signal, reason, now, fresh)


def _is_wrong(shown: Mapping[str, str], keys: Set[str], values: Mapping[str, str]) -> bool:
    if any(values.get(key) != value for key, value in shown.items()):
        return True
    return any(key in values for key in keys - shown.keys())


def _put_right(put: Mapping[str, str], gone: Set[str], values: Mapping[str, str]) -> Iterator[Step]:
    """For readers' keys that are not as they should be, though nothing happened."""
    late = {key: value for key, value in put.items() if values.get(key) != value}
    stale = frozenset(key for key in gone if key in values)
    if late or stale:
        yield Step(late, stale)


def _event(
    kind: Kind,
    node: str,
    signal: Signal,
    reason: str,
    now: float,
    instance: Instance | None = None,
) -> FleetEvent:
    return FleetEvent(
        id="", at=now, kind=kind, node=node, signal=signal, reason=reason, by=node,
        instance=instance.id if instance else "", service=instance.service if instance else "",
    )  # fmt: skip
