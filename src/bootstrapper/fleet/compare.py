"""What is different between two fleets: the events of whoever watches it."""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import TypeVar

import msgspec

from bootstrapper.fleet.values import Fleet, Instance, Node

T = TypeVar("T")


class Change(Enum):
    JOINED = "joined"
    CHANGED = "changed"
    GONE = "gone"
    SILENT = "lost its lease"
    HEARD = "has its lease again"
    SERVES = "gets traffic"
    SERVES_NOT = "gets no traffic"


class Difference(msgspec.Struct, frozen=True):
    """`of` is the newer of the two values, the older one where it is gone."""

    change: Change
    of: Node | Instance


def compare(old: Fleet, new: Fleet) -> tuple[Difference, ...]:
    """Nodes first, each by name; nothing for what is equal. `apply(old, compare(old, new))` would
    be `new` but for marks and leases, of which only the effect is told."""
    return (*_nodes(old, new), *_instances(old, new))


def _nodes(old: Fleet, new: Fleet) -> Iterator[Difference]:
    if old.nodes is new.nodes and old.alive is new.alive:
        return
    for name, before, now in _pairs(old.nodes, new.nodes):
        yield from _of_record(before, now)
        heard, hears = name in old.alive, name in new.alive
        if before is not None and now is not None and heard != hears:
            yield Difference(Change.HEARD if hears else Change.SILENT, now)


def _instances(old: Fleet, new: Fleet) -> Iterator[Difference]:
    if old.instances is new.instances and old.marks is new.marks:
        return
    for _, before, now in _pairs(old.instances, new.instances):
        yield from _of_record(before, now)
        served = before is not None and old.serves(before)
        if now is not None and served != new.serves(now):
            yield Difference(Change.SERVES_NOT if served else Change.SERVES, now)


def _pairs(old: Mapping[str, T], new: Mapping[str, T]) -> Iterator[tuple[str, T | None, T | None]]:
    for name in sorted(old.keys() | new.keys()):
        yield name, old.get(name), new.get(name)


def _of_record(before: Node | Instance | None, now: Node | Instance | None) -> Iterator[Difference]:
    if before is not None and now is None:
        yield Difference(Change.GONE, before)
    elif before is None and now is not None:
        yield Difference(Change.JOINED, now)
    elif before != now and now is not None:
        yield Difference(Change.CHANGED, now)
