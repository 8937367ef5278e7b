"""A node's own watch, on real stores: what its sources offer is registered, and comes back."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import msgspec
import pytest

from bootstrapper.fleet.events import FleetEvent
from bootstrapper.fleet.layouts import PRESETS
from bootstrapper.fleet.leaving import leave
from bootstrapper.fleet.offers import Offers
from bootstrapper.fleet.own import Owner
from bootstrapper.fleet.owning import Healths
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.reading import Following, fleet_of
from bootstrapper.fleet.records import decode, encode
from bootstrapper.fleet.values import Fleet, Health, Mark, Node, Offer, Signal
from bootstrapper.kv.follow import follow
from bootstrapper.kv.mirror import Mirror
from support.eventually import eventually
from support.kv import Server

PATHS = Paths()
KEY = "/services/web/w1"


def web(name: str = "w1", port: int = 8080, **more: object) -> Offer:
    return msgspec.convert(
        {"service": "web", "id": name, "address": "10.0.0.7", "port": port, **more}, Offer
    )


class Watch:
    """One owner in threads of its own, on a store of its own connections."""

    def __init__(self, server: Server, node: str = "n1", incarnation: str = "one") -> None:
        self.offers = Offers()
        self.healths: dict[str, tuple[Health, str]] = {}
        self.stop = threading.Event()
        self.mirror = Mirror(PATHS.prefix, "/services/")
        self.mirror.wake(self.offers.wake)
        self.owner = Owner(
            server.store(),
            Node(name=node, address="10.0.0.7", since=0.0, incarnation=incarnation),
            self.offers, self._healths, Following(self.mirror.view(), PATHS),
            PRESETS["services"], PATHS, ttl=2.0,
        )  # fmt: skip
        loops: list[Callable[[threading.Event], None]] = [self.owner.keep_lease, self.owner.run]
        loops += [
            partial(follow, server.store(), prefix, self.mirror) for prefix in self.mirror.prefixes
        ]
        self._threads = [threading.Thread(target=loop, args=(self.stop,)) for loop in loops]

    def _healths(self, offers: Mapping[str, Offer]) -> Healths:
        return {name: self.healths.get(name, (Health.PASSING, "")) for name in offers}

    def __enter__(self) -> "Watch":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop.set()
        self.offers.wake()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()


@contextmanager
def serving(server: Server) -> Iterator[Watch]:
    with Watch(server) as watch:
        watch.offers.set("static", {"w1": web()}, Signal.REGISTERED)
        eventually(lambda: value(server) == "10.0.0.7:8080")
        yield watch


def value(server: Server, key: str = KEY) -> str | None:
    found = server.store().look(key)
    return found.value if found else None


def fleet(server: Server) -> Fleet:
    read = server.store().read(PATHS.prefix)
    return fleet_of(read.values, PATHS, read.revision)


def events(server: Server) -> list[FleetEvent]:
    read = server.store().read(f"{PATHS.prefix}events/")
    return [decode(text, FleetEvent) for _, text in sorted(read.values.items())]


def test_an_offer_is_registered_with_its_record_and_its_event(server: Server) -> None:
    with serving(server):
        now = fleet(server)
        assert now.alive == {"n1": "one"}
        assert now.instances["n1/w1"].keys == (KEY,)
        assert [each.kind for each in events(server)] == ["node_joined", "instance_registered"]
        assert events(server)[-1].put == (KEY,)


def test_a_watch_that_begins_anew_takes_nothing_away_before_it_has_asked(server: Server) -> None:
    with serving(server):
        pass
    with Watch(server) as again:
        again.healths["w1"] = (Health.STARTING, "not checked yet")
        again.offers.set("static", {"w1": web(), "w2": web("w2", 8081)}, Signal.REGISTERED)
        eventually(lambda: value(server, "/services/web/w2"))
        assert value(server) == "10.0.0.7:8080"
        again.healths["w1"] = (Health.FAILING, "refused")
        again.offers.wake()
        eventually(lambda: value(server) is None)


def test_what_ended_while_the_watch_was_away_is_stale(server: Server) -> None:
    with serving(server):
        pass
    with Watch(server) as again:
        again.offers.set("static", {}, Signal.REGISTERED)
        eventually(lambda: value(server) is None)
        assert events(server)[-1].signal is Signal.STALE


def test_what_moved_is_asked_before_it_is_published(server: Server) -> None:
    with serving(server) as watch:
        watch.healths["w1"] = (Health.STARTING, "not checked yet")
        watch.offers.set("static", {"w1": web(port=9090)}, Signal.REGISTERED)
        eventually(lambda: value(server) is None)


def test_a_death_takes_the_key_away_and_says_what_told_of_it(server: Server) -> None:
    with serving(server) as watch:
        watch.offers.set("static", {}, Signal.DOCKER_DIE)
        eventually(lambda: value(server) is None)
        assert "n1/w1" not in fleet(server).instances
        last = events(server)[-1]
        assert (last.kind, last.signal, last.deleted) == (
            "instance_removed", Signal.DOCKER_DIE, (KEY,),
        )  # fmt: skip


@pytest.mark.parametrize("gone", [KEY, PATHS.instance("n1", "w1"), PATHS.node("n1")])
def test_what_somebody_deleted_is_registered_again(server: Server, gone: str) -> None:
    with serving(server):
        server.store().delete(gone)
        eventually(lambda: value(server, gone) is not None)


def test_everything_comes_back_when_all_keys_were_lost(server: Server) -> None:
    with serving(server):
        server.store().clear("/")
        eventually(lambda: value(server) == "10.0.0.7:8080")
        eventually(lambda: fleet(server).alive == {"n1": "one"})


def test_one_that_fails_its_check_is_drained_and_not_deleted(server: Server) -> None:
    with serving(server) as watch:
        watch.healths["w1"] = (Health.FAILING, "503 twice")
        watch.offers.wake()
        eventually(lambda: value(server) is None)
        assert fleet(server).instances["n1/w1"].health is Health.FAILING
        assert events(server)[-1].reason == "503 twice"
        watch.healths["w1"] = (Health.PASSING, "200")
        watch.offers.wake()
        eventually(lambda: value(server) == "10.0.0.7:8080")


def test_a_guess_of_others_is_lifted_by_who_can_write(server: Server) -> None:
    with serving(server):
        guess = Mark(signal=Signal.LEASE_GONE, reason="silent", since=1.0, by="n2")
        server.store().put(PATHS.mark("n1"), encode(guess))
        eventually(lambda: value(server, PATHS.mark("n1")) is None)
        eventually(lambda: value(server) == "10.0.0.7:8080")


def test_an_operators_mark_stays(server: Server) -> None:
    with serving(server):
        mark = Mark(signal=Signal.OPERATOR, reason="maintenance", since=1.0, by="ann")
        server.store().put(PATHS.mark("n1"), encode(mark))
        eventually(lambda: value(server) is None)
        assert value(server, PATHS.mark("n1")) is not None
        server.store().delete(PATHS.mark("n1"))
        eventually(lambda: value(server) == "10.0.0.7:8080")


def test_a_source_that_has_not_spoken_yet_loses_nothing(server: Server) -> None:
    with serving(server):
        pass
    with Watch(server) as again:
        eventually(lambda: fleet(server).alive.get("n1") == "one")
        again.offers.set("docker", {}, Signal.REGISTERED)
        again.offers.set("docker", {"d1": web("d1", 9090, source="docker")}, Signal.REGISTERED)
        eventually(lambda: value(server, "/services/web/d1") is not None)
        assert value(server) == "10.0.0.7:8080"
        again.offers.set("static", {}, Signal.STALE)
        eventually(lambda: value(server) is None)


def test_a_store_that_was_away_loses_nothing(server: Server) -> None:
    with serving(server) as watch:
        server.kill()
        watch.offers.set("static", {"w2": web("w2", 9090)}, Signal.REGISTERED)
        server.start()
        eventually(lambda: value(server, "/services/web/w2") == "10.0.0.7:9090", within=15)
        eventually(lambda: value(server) is None)


def test_200_services_are_registered_in_transactions_that_etcd_takes(server: Server) -> None:
    with Watch(server) as watch:
        many = {f"w{n}": web(f"w{n}", 1000 + n) for n in range(200)}
        watch.offers.set("static", many, Signal.REGISTERED)
        eventually(lambda: len(server.store().read("/services/").values) == 200, within=10)


def test_who_leaves_takes_everything_along(server: Server) -> None:
    with serving(server) as watch:
        pass
    watch.owner.leave()
    assert value(server) is None
    assert not fleet(server).nodes
    assert [each.kind for each in events(server)][-2:] == ["instance_removed", "node_left"]


def test_of_two_watches_with_one_name_the_later_registers_and_the_other_waits(
    server: Server,
) -> None:
    with serving(server) as first:
        with Watch(server, incarnation="two") as second:
            second.offers.set("static", {"w2": web("w2", 8081)}, Signal.REGISTERED)
            eventually(lambda: value(server) is None and value(server, "/services/web/w2"))
            for _ in range(20):
                first.offers.wake()
                second.offers.wake()
                second.stop.wait(0.05)
            assert len(events(server)) < 10
            assert fleet(server).alive == {"n1": "two"}
        eventually(lambda: value(server) == "10.0.0.7:8080", within=10)
        eventually(lambda: value(server, "/services/web/w2") is None)


def test_a_key_that_two_nodes_show_is_the_firsts_and_outlives_each_of_them(server: Server) -> None:
    with serving(server) as first, Watch(server, "n2", "two") as second:
        eventually(lambda: "n2" in fleet(server).nodes)
        second.offers.set("static", {"w1": web(port=9090)}, Signal.REGISTERED)
        eventually(lambda: "n2/w1" in fleet(server).instances)
        said: list[str | None] = []
        for _ in range(30):
            said.append(value(server))
            first.stop.wait(0.05)
        assert set(said) == {"10.0.0.7:8080"}
        first.offers.set("static", {}, Signal.DOCKER_DIE)
        eventually(lambda: value(server) == "10.0.0.7:9090")
        first.offers.set("static", {"w1": web()}, Signal.REGISTERED)
        eventually(lambda: value(server) == "10.0.0.7:8080")
        second.offers.set("static", {}, Signal.DOCKER_DIE)
        eventually(lambda: "n2/w1" not in fleet(server).instances)
        assert value(server) == "10.0.0.7:8080"


def test_an_offer_that_nobody_could_read_is_told_once_and_harms_no_other(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    bad = {
        "port": msgspec.structs.replace(web("port"), port=119_999),
        "id": msgspec.structs.replace(web(), id="a b"),
        "host": msgspec.structs.replace(web("host"), service="a/b"),
        "weight": msgspec.structs.replace(web("weight"), tags=("\udcff",)),
    }
    with serving(server) as watch:
        watch.offers.set("api2", bad, Signal.REGISTERED)
        watch.offers.set("static", {"w1": web(port=9090)}, Signal.REGISTERED)
        eventually(lambda: value(server) == "10.0.0.7:9090")
        for _ in range(10):
            watch.offers.wake()
            watch.stop.wait(0.05)
        assert sorted(fleet(server).instances) == ["n1/w1"]
        assert len(events(server)) < 5
    said = [each.message for each in caplog.records if "cannot be registered" in each.message]
    assert len(said) == len(bad)


def test_one_that_leaves_takes_no_key_of_another_along(server: Server) -> None:
    with serving(server) as first, Watch(server, "n0", "two") as second:
        second.offers.set("static", {"w1": web(port=9090)}, Signal.REGISTERED)
        eventually(lambda: value(server) == "10.0.0.7:9090")
        first.stop.set()
        before = server.store().read("/services/")
        leave(server.store(), PATHS, "n1")
        assert server.store().read("/services/").values == before.values
        assert "n1/w1" not in fleet(server).instances
