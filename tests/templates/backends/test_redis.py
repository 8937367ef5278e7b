import threading
from collections.abc import Iterator
from typing import Any

import pytest

from bootstrapper.errors import Mistake
from bootstrapper.templates.backends.make import make
from bootstrapper.templates.backends.port import Backend
from bootstrapper.templates.confd.config import Config, Login, Source, Tls
from support.services import short_folder
from templates.backends.redis_worlds import RedisWorld


@pytest.fixture
def server() -> Iterator[RedisWorld]:
    with short_folder("redis") as folder:
        made = RedisWorld(folder)
        made.start()
        yield made
        made.stop()


def reading(node: str, **options: Any) -> Backend:
    return make(Config(source=Source(backend="redis", nodes=(node,), **options), interval=1))


def test_a_hash_is_a_folder(server: RedisWorld) -> None:
    server.client().hset("/db", mapping={"host": "h", "port": "1"})
    server.client().hset("/deep/db", mapping={"host": "d"})
    server.put("/deep/x", "x")
    server.client().rpush("/deep/list", "not", "read")

    backend = server.backend()

    assert backend.values(["/db"]) == {"/db/host": "h", "/db/port": "1"}
    assert backend.values(["/deep/*"]) == {"/deep/db/host": "d", "/deep/x": "x"}
    assert backend.values(["/"]) == backend.values(["/db", "/deep"])


def test_another_separator(server: RedisWorld) -> None:
    server.put("app:db:host", "h")
    server.put("app:name", "n")
    backend = reading(f"127.0.0.1:{server.port}/3", separator=":")

    assert backend.values(["/app"]) == {"/app/db/host": "h", "/app/name": "n"}
    assert backend.values(["/app/db/host"]) == {"/app/db/host": "h"}


def test_letters_of_patterns_are_only_letters(server: RedisWorld) -> None:
    server.put("/a*b/x", "1")
    server.put("/aab/x", "2")
    server.put("/a[b]/x", "3")

    assert server.backend().values(["/a*b", "/a[b]"]) == {"/a*b/x": "1", "/a[b]/x": "3"}


@pytest.mark.parametrize("form", ["{socket}/3", "unix://{socket}?db=3", "127.0.0.1:{port}/3",
                                  "redis://127.0.0.1:{port}/3"])  # fmt: skip
def test_a_node_may_be_a_socket_or_a_url(server: RedisWorld, form: str) -> None:
    server.put("/k", "v")
    node = form.format(socket=server.socket, port=server.port)

    assert reading(node).values(["/k"]) == {"/k": "v"}


def test_the_next_node_is_asked(server: RedisWorld) -> None:
    server.put("/k", "v")
    source = Source(backend="redis", nodes=("127.0.0.1:1", f"127.0.0.1:{server.port}/3"))

    assert make(Config(source=source)).values(["/k"]) == {"/k": "v"}


def test_bytes_are_kept(server: RedisWorld) -> None:
    server.client().set("/k", b"\xff\xfe")

    (text,) = server.backend().values(["/k"]).values()

    assert text.encode(errors="surrogateescape") == b"\xff\xfe"


def test_ten_thousand_keys_are_read(server: RedisWorld) -> None:
    server.client().mset({f"/many/{number}": str(number) for number in range(10_000)})

    assert len(server.backend().values(["/many"])) == 10_000


@pytest.mark.parametrize("options", [{"login": Login(password="hush")}, {"tls": Tls(key="hush")}])
def test_the_password_has_two_names(options: dict[str, Any]) -> None:
    with short_folder("redis") as folder:
        server = RedisWorld(folder, "--requirepass", "hush")
        server.start()
        try:
            node = f"127.0.0.1:{server.port}"
            assert reading(node, **options).values(["/k"]) == {}
            with pytest.raises(Mistake, match="refuses us"):
                reading(node).values(["/k"])
            with pytest.raises(Mistake, match="refuses us"):
                reading(node, login=Login(password="wrong")).values(["/k"])
        finally:
            server.stop()


@pytest.mark.parametrize("flags", ["", "K", "K$", "Eg$hx"])
def test_without_all_notifications_we_look_every_interval(flags: str) -> None:
    with short_folder("redis") as folder:
        server = RedisWorld(folder, "--notify-keyspace-events", flags)
        server.start()
        try:
            backend, stop = server.backend(), threading.Event()
            index = backend.wait("/", ["/k"], 0, stop)
            assert backend.wait("/", ["/k"], index, stop) == index + 1
        finally:
            server.stop()


def test_a_key_of_others_wakes_nobody(server: RedisWorld) -> None:
    backend, stop = server.backend(), threading.Event()
    index = backend.wait("/", ["/mine"], 0, stop)
    server.put("/others", "x")
    server.put("/minerals", "x")
    threading.Timer(0.7, stop.set).start()

    assert backend.wait("/", ["/mine"], index, stop) == index


@pytest.mark.parametrize("others", [False, True])
def test_a_database_that_is_flushed_is_noticed_though_redis_does_not_tell(
    server: RedisWorld, others: bool
) -> None:
    server.put("/mine", "x")
    backend, stop = server.backend(), threading.Event()
    index = backend.wait("/", ["/mine"], 0, stop)
    server.client().flushdb()
    if others:
        server.put("/others", "x")

    assert backend.wait("/", ["/mine"], index, stop) == index + 1
    assert backend.values(["/mine"]) == {}
