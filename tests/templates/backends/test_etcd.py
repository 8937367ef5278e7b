import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bootstrapper.errors import Mistake, Unavailable
from bootstrapper.templates.backends.make import make
from bootstrapper.templates.backends.port import Backend
from bootstrapper.templates.confd.config import Config, Source
from support.etcd import Etcd
from support.services import short_folder
from templates.backends.worlds import EtcdWorld


@pytest.fixture
def server() -> Iterator[EtcdWorld]:
    with short_folder("etcd") as folder:
        made = EtcdWorld(folder)
        made.start()
        yield made
        made.stop()


def reading(*nodes: str) -> Backend:
    return make(Config(source=Source(backend="etcd", nodes=nodes)))


@pytest.mark.parametrize("form", ["{address}", "http://{address}", "http://{address}/"])
def test_a_node_is_an_address_as_in_2015_or_a_url(server: EtcdWorld, form: str) -> None:
    server.put("/proxy/frontend/web1", "10.0.0.1:80")
    backend = reading(form.format(address=server.server.address))

    assert backend.values(["/proxy/frontend"]) == {"/proxy/frontend/web1": "10.0.0.1:80"}


def test_the_next_node_is_asked(server: EtcdWorld) -> None:
    server.put("/k", "v")

    assert reading("127.0.0.1:1", server.server.address).values(["/k"]) == {"/k": "v"}


def test_the_whole_tree(server: EtcdWorld) -> None:
    server.put("/a/b", "1")
    server.put("/c", "2")

    assert reading(server.server.address).values(["/"]) == {"/a/b": "1", "/c": "2"}


def test_a_folder_that_goes_wakes_who_waits_for_a_key_in_it(server: EtcdWorld) -> None:
    server.put("/a/b/c", "1")
    backend, stop = server.backend(), threading.Event()
    index = backend.wait("/", ["/a/b/c"], 0, stop)
    server.delete("/a")

    assert backend.wait("/", ["/a/b/c"], index, stop) > index
    assert backend.values(["/a/b/c"]) == {}


def test_after_a_thousand_other_events_the_index_is_read_again(server: EtcdWorld) -> None:
    server.put("/mine", "1")
    backend, stop = server.backend(), threading.Event()
    index = backend.wait("/", ["/mine"], 0, stop)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: server.put(f"/noise/{n}", "x"), range(1100)))

    assert backend.wait("/mine", ["/mine"], index, stop) >= index + 1100


def test_a_store_that_came_back_empty_is_a_change(server: EtcdWorld) -> None:
    for number in range(20):
        server.put("/mine", str(number))
    backend, stop = server.backend(), threading.Event()
    index = backend.wait("/", ["/mine"], 0, stop)
    server.server.kill()
    server.server.wipe()
    server.start()

    assert backend.wait("/", ["/mine"], index, stop) != index


def test_a_server_that_says_nothing_is_unavailable(server: EtcdWorld) -> None:
    server.put("/mine", "1")
    backend, stop = server.backend(), threading.Event()
    index = backend.wait("/", ["/mine"], 0, stop)
    server.server.freeze()
    try:
        with pytest.raises(Unavailable):
            backend.wait("/", ["/mine"], index, stop)
    finally:
        server.server.thaw()


def test_without_the_v2_api_it_says_what_to_do() -> None:
    with short_folder("etcd") as folder:
        server = Etcd(folder).start()
        try:
            with pytest.raises(Mistake, match="--enable-v2"):
                reading(server.address).values(["/k"])
        finally:
            server.kill()
