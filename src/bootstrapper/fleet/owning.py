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
from bootstrapper.fleet.owner_events import change_of, event_of, shown_before, with_keys
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


@dataclass(frozen=True, slots=True)
class Known:
    """The store as the mirror has it. `values`: all keys; `now`: Unix time."""

    fleet: Fleet
    values: Mapping[str, str]
    layouts: tuple[Layout, ...]
    paths: Paths
    now: float


def steps(owned: Owned, known: Known) -> tuple[Step, ...]:
    lifted = _liftable(owned.node.name, known.fleet, known.now)
    marks = {name: mark for name, mark in known.fleet.marks.items() if name not in lifted}
    after = msgspec.structs.replace(known.fleet, marks=marks)
    others = Others(after, owned.node.name, known.layouts)
    return (
        *_lifts(owned.node, lifted, known),
        *_of_node(owned.node, known, after, others),
        *_of_instances(owned, known, after, others),
        *_of_gone(owned, known, others),
    )


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


def _lifts(node: Node, lifted: tuple[str, ...], known: Known) -> Iterator[Step]:
    for name in lifted:
        why = "its watch is back"
        event = event_of("node_returned", node.name, Signal.RETURNED, why, known.now)
        mark = known.paths.mark(name)
        yield Step({}, frozenset({mark}), event, lifted=(mark,))


def _of_node(node: Node, known: Known, after: Fleet, others: Others) -> Iterator[Step]:
    old = known.fleet.nodes.get(node.name)
    shown = readable(known.layouts, node, serves=True)
    wanted = msgspec.structs.replace(
        node, since=old.since if old else known.now, keys=tuple(sorted(shown))
    )
    if marked := node.name in after.marks:
        shown = readable(known.layouts, node, serves=False)
    keys = {*wanted.keys, *(old.keys if old else ())}
    if old != wanted:
        kind: Kind = "node_returned" if old else "node_joined"
        event = event_of(kind, node.name, Signal.REGISTERED, "its watch began", known.now)
        event = with_keys(event, readable(known.layouts, old, serves=True) if old else {}, shown)
        put, gone = others.settle(shown, keys, (marked, node.name))
        yield Step({known.paths.node(node.name): encode(wanted)} | put, gone, event)
    elif _is_wrong(shown, keys, known.values):
        yield from _put_right(*others.settle(shown, keys, (marked, node.name)), known.values)


def _of_instances(owned: Owned, known: Known, after: Fleet, others: Others) -> Iterator[Step]:
    mine = instances_of(owned.node.name, known.fleet)
    for name, offer in owned.offers.items():
        old = mine.get(name)
        health, why = owned.healths.get(name, (Health.STARTING, "it was not checked yet"))
        if health is Health.STARTING and old is not None and _serves(old, offer, known.fleet):
            health = Health.PASSING
        fresh = instance_of(owned.node, offer, health, known.now)
        shown = readable(known.layouts, fresh, serves=True)
        fresh = msgspec.structs.replace(fresh, keys=tuple(sorted(shown)))
        same = old is not None and msgspec.structs.replace(fresh, since=old.since) == old
        if not (serves := after.serves(fresh)):
            shown = readable(known.layouts, fresh, serves=False)
        keys = {*fresh.keys, *(old.keys if old else ())}
        if not same:
            signal = owned.signals.get(name, Signal.REGISTERED)
            event = change_of(old, fresh, signal, why, known.now)
            event = with_keys(event, shown_before(old, known.fleet, known.layouts), shown)
            put, gone = others.settle(shown, keys, (not serves, fresh.key))
            record = {known.paths.instance(owned.node.name, name): encode(fresh)}
            yield Step(record | put, gone, event)
        elif _is_wrong(shown, keys, known.values):
            right = others.settle(shown, keys, (not serves, fresh.key))
            yield from _put_right(*right, known.values)


def _of_gone(owned: Owned, known: Known, others: Others) -> Iterator[Step]:
    """Of what a source that has spoken offers no more."""
    for name, old in instances_of(owned.node.name, known.fleet).items():
        if name in owned.offers or old.source not in owned.spoken:
            continue
        signal = owned.signals.get(name, Signal.STALE)
        event = event_of("instance_removed", old.node, signal, signal.value, known.now, old)
        event = with_keys(event, shown_before(old, known.fleet, known.layouts), {})
        put, gone = others.settle({}, old.keys, (True, old.key))
        yield Step(put, {*gone, known.paths.instance(old.node, name)}, event)


def instances_of(node: str, fleet: Fleet) -> dict[str, Instance]:
    """By id."""
    return {each.id: each for each in fleet.instances.values() if each.node == node}


def _serves(known: Instance, offer: Offer, fleet: Fleet) -> bool:
    """It has traffic: it is this watch that began anew, and it takes nothing away unasked."""
    same = (known.address, known.port) == (offer.address, offer.port)
    return same and fleet.serves(known)


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
