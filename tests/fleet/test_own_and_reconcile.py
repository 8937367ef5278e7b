"""Owners and the reconciler over one store: they do not fight, and meet at the truth."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from bootstrapper.fleet.offers import Offers
from bootstrapper.fleet.own import Owner
from bootstrapper.fleet.reading import Following, fleet_of
from bootstrapper.fleet.values import Health, Node, Offer, Signal
from bootstrapper.kv.follow import follow
from bootstrapper.kv.mirror import Mirror
from bootstrapper.kv.store import Keys
from support.eventually import eventually
from support.fleet_world import LAYOUTS, PATHS
from support.kv import Server
from support.reconciling import PREFIXES, reconciling

NODES = ("a", "b", "c")


@contextmanager
def owning(server: Server, name: str, number: int) -> Iterator[threading.Event]:
    """A node's watch with two services, one of which is shown at its host's name."""
    offers, stop, mirror = Offers(), threading.Event(), Mirror(*PREFIXES)
    mirror.wake(offers.wake)
    address = f"10.0.0.{number}"
    node = Node(name=name, address=address, since=0.0, cluster="main", incarnation="1")
    owner = Owner(
        server.store(), node, offers, lambda all_: dict.fromkeys(all_, (Health.PASSING, "")),
        Following(mirror.view(), PATHS), LAYOUTS, PATHS,
        ttl=2.0,
    )  # fmt: skip
    offered = {
        f"{name}-{service}": Offer(
            service=service, id=f"{name}-{service}", address=address, port=8000 + number, host=name
        )
        for service in ("web", "frontend")
    }
    offers.set("static", offered, Signal.REGISTERED)
    loops: list[Callable[[threading.Event], None]] = [owner.keep_lease, owner.run]
    loops += [partial(follow, server.store(), prefix, mirror) for prefix in mirror.prefixes]
    threads = [threading.Thread(target=loop, args=(stop,)) for loop in loops]
    for thread in threads:
        thread.start()
    try:
        yield stop
    finally:
        stop.set()
        offers.wake()
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()


@contextmanager
def three(server: Server) -> Iterator[Keys]:
    store = server.store()
    with ExitStack() as stack:
        for number, name in enumerate(NODES, 1):
            stack.enter_context(owning(server, name, number))
        eventually(lambda: shown(store) == WANTED, what="all are shown")
        yield store


def shown(store: Keys) -> set[str]:
    return {key for key in store.read("/").values if not key.startswith(PATHS.prefix)}


WANTED = {
    key
    for number, name in enumerate(NODES, 1)
    for key in (
        f"/services/web/{name}-web", f"/services/frontend/{name}-frontend",
        f"/proxy/frontend/{name}", f"/cluster/main/10.0.0.{number}",
    )
}  # fmt: skip


def test_a_fleet_that_is_well_is_not_written_to(server: Server) -> None:
    with three(server) as store, reconciling(store, "a") as running:
        eventually(lambda: running.reconciler.counts.leader)
        before = store.read("/").revision
        turns = running.reconciler.counts.turns
        eventually(lambda: running.reconciler.counts.turns > turns + 8, within=10)

        assert store.read("/").revision == before
        assert running.reconciler.counts.verdicts == 0


def test_signs_of_life_that_come_and_go_end_in_the_truth(server: Server) -> None:
    with three(server) as store, reconciling(store, "b", flaps=0) as running:
        eventually(lambda: running.reconciler.counts.leader)
        running.silent.add("a")
        for _ in range(10):
            store.delete(PATHS.alive("a"))
            eventually(lambda: store.look(PATHS.alive("a")))

        def well() -> bool:
            read = store.read(PATHS.prefix)
            fleet = fleet_of(read.values, PATHS, read.revision)
            return shown(store) == WANTED and not fleet.marks and not fleet.held

        eventually(well)


def test_a_watch_that_is_dead_is_seen_and_its_return_too(server: Server) -> None:
    with ExitStack() as stack:
        for number, name in enumerate(NODES[1:], 2):
            stack.enter_context(owning(server, name, number))
        store = server.store()
        with owning(server, "a", 1):
            eventually(lambda: shown(store) == WANTED)
            running = stack.enter_context(reconciling(store, "b"))
            eventually(lambda: running.reconciler.counts.leader)
            running.silent.add("a")
        of_a = {key for key in WANTED if key.endswith(("/a", ".1", "/a-web", "/a-frontend"))}
        eventually(lambda: shown(store) == WANTED - of_a, within=4)

        with owning(server, "a", 1):
            eventually(lambda: shown(store) == WANTED, within=2)
            eventually(lambda: not running.reconciler.counts.marks)
