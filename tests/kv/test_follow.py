"""The loop on real servers: it outlives outages for next to nothing, and misses nothing."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bootstrapper.kv.follow import follow
from bootstrapper.kv.mirror import Mirror
from bootstrapper.kv.open import open_store
from bootstrapper.kv.store import Keys, Put
from bootstrapper.settings import Kv, Settings
from support.etcd import Etcd
from support.eventually import eventually
from support.kv import SERVERS, EtcdKeys, Server
from support.services import short_folder

OUTAGE = 8.0  # seconds
CPU = 0.2  # seconds that it may cost


@pytest.fixture(params=sorted(SERVERS))
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with short_folder("kv") as folder:
        server = SERVERS[request.param](folder)
        server.start()
        yield server
        server.stop()


@contextmanager
def followed(store: Keys, *prefixes: str) -> Iterator[Mirror]:
    mirror, stop = Mirror(*prefixes), threading.Event()
    loops = [
        threading.Thread(target=follow, args=(store, prefix, mirror, stop))
        for prefix in mirror.prefixes
    ]
    for loop in loops:
        loop.start()
    try:
        yield mirror
    finally:
        stop.set()
        for loop in loops:
            loop.join(10)
            assert not loop.is_alive()


def test_it_reads_once_and_then_hears(server: Server) -> None:
    store = server.store()
    store.put("/a/1", "1")
    with followed(server.store(), "/a/") as mirror:
        eventually(lambda: mirror.link.connected)
        view = mirror.view()
        assert view.values == {"/a/1": "1"}

        store.put("/a/2", "2")
        store.delete("/a/1")
        eventually(lambda: view.wait(0.1) and view.take() and view.values == {"/a/2": "2"})
        assert mirror.snapshot() == store.read("/a/")


def test_several_prefixes_are_one_mirror(server: Server) -> None:
    store = server.store()
    with followed(store, "/a/", "/b/", "/b/c") as mirror:
        eventually(lambda: mirror.link.connected)
        for key in ("/a/1", "/b/1", "/b/c", "/z"):
            store.put(key, key)

        eventually(lambda: set(mirror.snapshot().values) == {"/a/1", "/b/1", "/b/c"})


def test_an_outage_costs_next_to_nothing_and_is_told(server: Server) -> None:
    store = server.store()
    store.put("/a/1", "1")
    with followed(server.store(), "/a/") as mirror:
        eventually(lambda: mirror.link.connected)
        server.kill()
        eventually(lambda: not mirror.link.connected, within=8)
        down, cpu, until = mirror.link, time.process_time(), time.monotonic() + OUTAGE
        threading.Event().wait(until - time.monotonic())
        cost = time.process_time() - cpu
        assert mirror.snapshot().values == {"/a/1": "1"}
        assert mirror.link.since == down.since
        assert mirror.link.reason

        server.start()
        eventually(lambda: mirror.link.connected, within=5)
        server.store().put("/a/2", "2")
        eventually(lambda: mirror.snapshot().values == {"/a/1": "1", "/a/2": "2"})
    assert cost <= CPU


def test_a_store_that_is_down_at_the_start_is_waited_for(server: Server) -> None:
    server.store().put("/a/1", "1")
    server.kill()
    with followed(server.store(), "/a/") as mirror:
        eventually(lambda: mirror.link.reason not in ("", "not read yet"), within=8)
        assert not mirror.complete
        server.start()

        eventually(lambda: mirror.complete and mirror.snapshot().values == {"/a/1": "1"}, within=6)


def test_a_gap_means_a_full_read() -> None:
    """Compacted while the link was down: what was deleted meanwhile must go too."""
    with short_folder("kv") as folder:
        server = EtcdKeys(folder)
        server.start()
        store = server.store()
        store.put("/a/1", "1")
        store.put("/a/2", "2")
        with followed(server.store(), "/a/") as mirror:
            eventually(lambda: mirror.link.connected)
            server.etcd.freeze()
            eventually(lambda: not mirror.link.connected, within=8)
            server.etcd.thaw()
            store.delete("/a/1")
            server.etcd.compact(store.put("/a/3", "3"))

            wanted = {"/a/2": "2", "/a/3": "3"}
            eventually(lambda: mirror.snapshot().values == wanted, within=8)
        server.stop()


def test_a_disk_that_was_lost_is_read_again() -> None:
    with short_folder("kv") as folder:
        etcd = Etcd(folder).start()
        store = open_store(Settings(kv=Kv(url=etcd.url)))
        for number in range(5):
            store.put(f"/a/{number}", "1")
        with followed(store, "/a/") as mirror:
            eventually(lambda: mirror.link.connected)
            etcd.kill()
            etcd.wipe()
            etcd.start()
            eventually(lambda: store.put("/a/new", "1"))

            eventually(lambda: mirror.snapshot().values == {"/a/new": "1"}, within=8)
        etcd.stop()


def test_ten_thousand_keys_are_followed_by_increments(server: Server) -> None:
    """One change costs what it changes, not what the mirror holds."""
    store = server.store()
    for first in range(0, 10_000, 100):
        store.write([Put(f"/a/{number:05}", "1") for number in range(first, first + 100)])
    with followed(server.store(), "/a/") as mirror:
        eventually(lambda: mirror.link.connected, within=10)
        view = mirror.view()
        assert len(view.values) == 10_000

        store.put("/a/00500", "new")
        assert view.wait(2)
        news = view.take()
        assert news is not None
        assert news.put == {"/a/00500": "new"}
        assert len(view.values) == 10_000
