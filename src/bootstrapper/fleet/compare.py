"""What is different between two fleets: the events of whoever watches it."""

from collections.abc import Iterator
from enum import Enum

import msgspec

from bootstrapper.fleet.values import Fleet, Instance, Node


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
    for name in sorted(old.nodes.keys() | new.nodes.keys()):
        before, now = old.nodes.get(name), new.nodes.get(name)
        if now is None:
            assert before is not None
            yield Difference(Change.GONE, before)
            continue
        if before is None:
            yield Difference(Change.JOINED, now)
        elif before != now:
            yield Difference(Change.CHANGED, now)
        heard, hears = name in old.alive, name in new.alive
        if before is not None and heard != hears:
            yield Difference(Change.HEARD if hears else Change.SILENT, now)


def _instances(old: Fleet, new: Fleet) -> Iterator[Difference]:
    if old.instances is new.instances and old.marks is new.marks:
        return
    for key in sorted(old.instances.keys() | new.instances.keys()):
        before, now = old.instances.get(key), new.instances.get(key)
        if now is None:
            assert before is not None
            yield Difference(Change.GONE, before)
            continue
        if before is None:
            yield Difference(Change.JOINED, now)
        elif before != now:
            yield Difference(Change.CHANGED, now)
        served = before is not None and old.serves(before)
        if served != new.serves(now):
            yield Difference(Change.SERVES_NOT if served else Change.SERVES, now)
