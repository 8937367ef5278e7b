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
from bootstrapper.lifecycle import Loop, Stop
from bootstrapper.settings import Fleet, Settings

LEAD_SECONDS = 2.0
"""Until a leader that died is replaced: no longer than a dead node is suspected."""


class FleetLoops(NamedTuple):
    """`heard`: where a config file of this node that followed the keys is told."""

    loops: dict[str, Loop]
    at_end: Callable[[], None]
    heard: Callable[[Followed], None]


def fleet_loops(settings: Settings) -> FleetLoops:
    part = settings.fleet
    node = node_of(part)
    paths = Paths(part.prefix)
    layouts = layouts_of(part)
    check_node(node, layouts)
    mirror = Mirror(*mirrored(paths, layouts))
    offers = Offers()
    mirror.wake(offers.wake)
    checks = Checks(offers.wake, anywhere=part.api_checks == "any")

    def healths(offered: Mapping[str, Offer]) -> Healths:
        checks.set(offered)
        return checks.health()

    owner = Owner(
        open_store(settings), node, offers, healths, Following(mirror.view(), paths),
        layouts, paths, part.lease,
    )  # fmt: skip
    loops: dict[str, Loop] = {
        f"follow {prefix}": partial(follow, open_store(settings), prefix, mirror)
        for prefix in mirror.prefixes
    }
    loops |= {"lease": owner.keep_lease, "own": owner.run, "checks": checks.run}
    loops |= _sources(part, node, offers)
    diary = Diary(open_store(settings), Following(mirror.view(), paths), paths, node.name)
    loops["diary"] = diary.run
    down: Callable[[], frozenset[str]] = frozenset
    if part.proxies:
        witness = Witness(part.proxies, Following(mirror.view(), paths))
        loops["proxies"], down = witness.run, witness.down
    membership = Membership()
    if part.serf.rpc:
        agent = partial(agent_of, part.serf)
        loops["serf"] = partial(_follow_members, agent, membership, interval=part.serf.interval)
        found = partial(peers_of_store, part, open_store(settings), part.cluster)
        loops["join"] = partial(keep_joined, agent, found)
    reconciler: Reconciler | None = None
    if part.reconcile:
        store = open_store(settings)
        reconciler = Reconciler(
            store, Following(mirror.view(), paths),
            Leadership(store, paths, node.name, LEAD_SECONDS),
            Witnesses(
                members=membership.states, ports=ports_that_answer, down=down
            ),
            lambda: mirror.link, layouts, paths, part.brakes, node.name, part.events_kept,
        )  # fmt: skip
        loops["reconcile"] = reconciler.run
    if part.metrics:
        _expose(part, paths, mirror, lambda: reconciler.counts if reconciler else Counts())
    return FleetLoops(loops, owner.leave if part.leave_on_stop else lambda: None, diary.heard)


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
