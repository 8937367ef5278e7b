"""The fleet's loops of one node, put together: sources, checks, the owner, serf, the reconciler."""

import socket
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from bootstrapper.fleet.configured import layouts_of
from bootstrapper.fleet.layouts import FIELD, Layout
from bootstrapper.fleet.offers import Offers
from bootstrapper.fleet.own import Owner
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.reading import Following
from bootstrapper.fleet.values import Node
from bootstrapper.ids import new_id
from bootstrapper.kv.follow import follow
from bootstrapper.kv.mirror import Mirror
from bootstrapper.kv.open import open_store
from bootstrapper.lifecycle import Loop
from bootstrapper.settings import Fleet, Settings


class FleetLoops(NamedTuple):
    loops: dict[str, Loop]
    at_end: Callable[[], None]


def fleet_loops(settings: Settings) -> FleetLoops:
    part = settings.fleet
    paths = Paths(part.prefix)
    layouts = layouts_of(part)
    store = open_store(settings)
    mirror = Mirror(*mirrored(paths, layouts))
    offers = Offers()
    mirror.wake(offers.wake)
    owner = Owner(
        store, node_of(part), offers, lambda offers: {}, Following(mirror.view(), paths),
        partial(mirror.revision, paths.prefix), layouts, paths, part.lease,
    )  # fmt: skip
    loops: dict[str, Loop] = {
        f"follow {prefix}": partial(follow, open_store(settings), prefix, mirror)
        for prefix in mirror.prefixes
    }
    loops["lease"] = owner.keep_lease
    loops["own"] = owner.run
    return FleetLoops(loops, owner.leave if part.leave_on_stop else lambda: None)


def mirrored(paths: Paths, layouts: tuple[Layout, ...]) -> list[str]:
    """The records, and whatever stands before the first field of each layout's key."""
    return [paths.prefix, *(FIELD.split(layout.key)[0] for layout in layouts)]


def node_of(part: Fleet) -> Node:
    return Node(
        name=part.node or socket.gethostname(), address=part.address, since=0.0,
        cluster=part.cluster, role=part.role, tags=part.tags, incarnation=new_id(),
    )  # fmt: skip
