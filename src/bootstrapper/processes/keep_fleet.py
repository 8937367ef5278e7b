"""The fleet's loops of one node, put together: sources, checks, the owner, serf, the reconciler."""

import os
import socket
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from bootstrapper.errors import Mistake
from bootstrapper.exposition import expose
from bootstrapper.fleet.address import address_of
from bootstrapper.fleet.checks.checks import Checks
from bootstrapper.fleet.configured import agent_of, layouts_of, mirrored, peers_of_store
from bootstrapper.fleet.diary import Diary
from bootstrapper.fleet.docker.keep import keep_docker, ways_of
from bootstrapper.fleet.followed import Followed
from bootstrapper.fleet.judging.verdicts import Target
from bootstrapper.fleet.layouts import Layout
from bootstrapper.fleet.leader import Leadership
from bootstrapper.fleet.membership import Membership
from bootstrapper.fleet.offers import Offers
from bootstrapper.fleet.own import Owner
from bootstrapper.fleet.owning import Healths
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.probing import Probe, probe
from bootstrapper.fleet.proxies import Witness
from bootstrapper.fleet.reading import Following, fleet_of
from bootstrapper.fleet.reconcile import Counts, Reconciler, Witnesses
from bootstrapper.fleet.serf.follow import follow_members
from bootstrapper.fleet.serf.keep_joined import keep_joined
from bootstrapper.fleet.serf.rpc import Rpc
from bootstrapper.fleet.sound import check_node
from bootstrapper.fleet.sources.static import static_offers, unit_offers
from bootstrapper.fleet.sources.units import Units
from bootstrapper.fleet.values import Fleet as FleetNow
from bootstrapper.fleet.values import Node, Offer, Signal, is_name
from bootstrapper.ids import new_id
from bootstrapper.kv.follow import follow
from bootstrapper.kv.mirror import Mirror
from bootstrapper.kv.open import open_store
from bootstrapper.kv.store import Keys
from bootstrapper.lifecycle import Loop, Stop
from bootstrapper.settings import Fleet, Settings

LEAD_SECONDS = 2.0
"""Until a leader that died is replaced: no longer than a dead node is suspected."""


class FleetLoops(NamedTuple):
    """`heard`: where a config file of this node that followed the keys is told."""

    loops: dict[str, Loop]
    at_end: Callable[[], None]
    heard: Callable[[Followed], None]


class Ground(NamedTuple):
    """What the loops of one node stand on."""

    settings: Settings
    node: Node
    paths: Paths
    layouts: tuple[Layout, ...]
    mirror: Mirror

    @property
    def part(self) -> Fleet:
        return self.settings.fleet

    def following(self) -> Following:
        """A view of its own for one loop."""
        return Following(self.mirror.view(), self.paths)

    def store(self) -> Keys:
        """Connections of their own for one loop."""
        return open_store(self.settings)


def fleet_loops(settings: Settings) -> FleetLoops:
    ground = _ground(settings)
    offers = Offers()
    ground.mirror.wake(offers.wake)
    checks = Checks(offers.wake, anywhere=ground.part.api_checks == "any")
    owner = _owner(ground, offers, checks)
    diary = Diary(ground.store(), ground.following(), ground.paths, ground.node.name)
    loops: dict[str, Loop] = {
        f"follow {prefix}": partial(follow, ground.store(), prefix, ground.mirror)
        for prefix in ground.mirror.prefixes
    }
    loops |= {"lease": owner.keep_lease, "own": owner.run, "checks": checks.run}
    loops["diary"] = diary.run
    loops |= _sources(ground.part, ground.node, offers)
    loops |= _judging(ground)
    return FleetLoops(
        loops, owner.leave if ground.part.leave_on_stop else lambda: None, diary.heard
    )


def _ground(settings: Settings) -> Ground:
    node, paths = node_of(settings.fleet), Paths(settings.fleet.prefix)
    layouts = layouts_of(settings.fleet)
    check_node(node, layouts)
    return Ground(settings, node, paths, layouts, Mirror(*mirrored(paths, layouts)))


def _owner(ground: Ground, offers: Offers, checks: Checks) -> Owner:
    def healths(offered: Mapping[str, Offer]) -> Healths:
        checks.set(offered)
        return checks.health()

    return Owner(
        ground.store(), ground.node, offers, healths, ground.following(), ground.layouts,
        ground.paths, ground.part.lease,
    )  # fmt: skip


def _judging(ground: Ground) -> dict[str, Loop]:
    """The reconciler, and the witnesses that it asks."""
    part, loops, membership = ground.part, dict[str, Loop](), Membership()
    down: Callable[[], frozenset[str]] = frozenset
    if part.proxies:
        witness = Witness(part.proxies, ground.following())
        loops["proxies"], down = witness.run, witness.down
    if part.serf.rpc:
        agent = partial(agent_of, part.serf)
        loops["serf"] = partial(_follow_members, agent, membership, interval=part.serf.interval)
        found = partial(peers_of_store, part, ground.store(), part.cluster)
        loops["join"] = partial(keep_joined, agent, found)
    counts: Callable[[], Counts] = Counts
    if part.reconcile:
        witnesses = Witnesses(members=membership.states, ports=ports_that_answer, down=down)
        reconciler = _reconciler(ground, witnesses)
        loops["reconcile"], counts = reconciler.run, lambda: reconciler.counts
    if part.metrics:
        _expose(part, ground.paths, ground.mirror, counts)
    return loops


def _reconciler(ground: Ground, witnesses: Witnesses) -> Reconciler:
    store, name = ground.store(), ground.node.name
    return Reconciler(
        store, ground.following(), Leadership(store, ground.paths, name, LEAD_SECONDS), witnesses,
        lambda: ground.mirror.link, ground.layouts, ground.paths, ground.part.brakes, name,
        ground.part.events_kept,
    )  # fmt: skip


def _sources(part: Fleet, node: Node, offers: Offers) -> dict[str, Loop]:
    """A source that is not set says so: what it once offered here is nobody's any more."""
    loops: dict[str, Loop] = {}
    offers.set("static", static_offers(part.services, node), Signal.REGISTERED)
    units = unit_offers(part.services, node)
    if units:
        loops["units"] = Units(units, offers).run
    else:
        offers.set("systemd", {}, Signal.STALE)
    if part.docker.url:
        ways = ways_of(part.docker, node.name, node.address)
        loops["docker"] = partial(keep_docker, part.docker, ways, offers)
    else:
        offers.set("docker", {}, Signal.STALE)
    return loops


def _expose(part: Fleet, paths: Paths, mirror: Mirror, counts: Callable[[], Counts]) -> None:
    from bootstrapper.fleet.metrics import registry_of  # noqa: PLC0415 (slow to import)

    def fleet() -> FleetNow:
        read = mirror.snapshot()
        return fleet_of(read.values, paths, read.revision)

    expose(registry_of(fleet, counts), part.metrics, field="fleet.metrics")


def _follow_members(
    connect: Callable[[], Rpc], membership: Membership, stop: Stop, *, interval: float
) -> None:
    follow_members(connect, membership.tell, membership.cut_off, stop, interval=interval)


def ports_that_answer(targets: tuple[Target, ...], seconds: float) -> dict[str, bool]:
    """By `Target.name`; without those that this machine could not ask."""
    answers = probe([(each.address, each.port) for each in targets], seconds)
    return {
        each.name: answers[each.address, each.port] is Probe.ANSWERED
        for each in targets
        if (each.address, each.port) in answers
    }


def node_of(part: Fleet) -> Node:
    name = part.node or socket.gethostname()
    if not is_name(name):
        raise Mistake(f"{name!r} is no name for a node", field="fleet.node")
    return Node(
        name=name, address=address_of(part.address, os.environ),
        since=0.0, cluster=part.cluster, role=part.role, tags=part.tags, incarnation=new_id(),
    )  # fmt: skip
