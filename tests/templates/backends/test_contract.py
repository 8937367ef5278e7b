"""What every backend does, on its real server."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from bootstrapper.errors import Unavailable
from bootstrapper.lifecycle import Stop
from bootstrapper.templates.backends.port import Backend
from support.eventually import eventually
from templates.backends.world import World

KEYS = {"/app/db/host": "h", "/app/db/port": "1", "/app/name": "n", "/other/x": "o"}


def fill(world: World) -> None:
    for key, value in KEYS.items():
        world.put(key, value)


def test_values_are_all_that_is_at_or_below_the_keys(world: World, backend: Backend) -> None:
    fill(world)
    world.put("/apple", "a")
    apple = {"/apple": "a"} if world.by_text else {}

    read = backend.values

    assert read(["/app"]) == {k: v for k, v in KEYS.items() if k.startswith("/app")} | apple
    assert read(["/app/db"]) == {"/app/db/host": "h", "/app/db/port": "1"}
    assert read(["/app/db/host"]) == {"/app/db/host": "h"}
    assert read(["/app/db/host", "/app/name", "/app/db/host"]) == {"/app/db/host": "h",
                                                                   "/app/name": "n"}  # fmt: skip


def test_what_is_not_there_is_left_out(world: World, backend: Backend) -> None:
    fill(world)

    assert backend.values(["/none"]) == {}
    assert backend.values(["/none/below", "/other/x"]) == {"/other/x": "o"}
    assert backend.values([]) == {}


def test_a_deleted_key_is_gone(world: World, backend: Backend) -> None:
    fill(world)
    world.delete("/app/db/port")

    assert backend.values(["/app/db"]) == {"/app/db/host": "h"}


def test_an_empty_value_and_any_letters_are_kept(world: World, backend: Backend) -> None:
    world.put("/key", "ä\n“x” {{ $y }} = 'z' # \\ <&>")

    assert backend.values(["/key"]) == {"/key": "ä\n“x” {{ $y }} = 'z' # \\ <&>"}


@pytest.fixture
def stop() -> Stop:
    return threading.Event()


class Loop:
    """Reads, waits, reads again, in a thread of its own: what a resource sees."""

    def __init__(self, backend: Backend, keys: list[str], stop: Stop) -> None:
        self.backend, self.keys, self.stop = backend, keys, stop
        self.seen: list[dict[str, str]] = []
        self.indexes: list[int] = []
        self.troubles: list[Unavailable] = []
        self.pool = ThreadPoolExecutor(1)
        self.done: Future[Any] = self.pool.submit(self._run)

    def _run(self) -> None:
        index = 0
        while not self.stop.is_set():
            try:
                index = self.backend.wait("/", self.keys, index, self.stop)
                self.indexes.append(index)
                self.seen.append(self.backend.values(self.keys))
            except Unavailable as trouble:
                self.troubles.append(trouble)
                self.stop.wait(0.05)

    def last(self) -> dict[str, str]:
        return self.seen[-1] if self.seen else {}

    def end(self) -> None:
        self.stop.set()
        self.done.result(timeout=10)


def watching(backend: Backend) -> None:
    if not backend.watches:
        pytest.skip("it tells of no change")


def test_a_change_wakes_who_waits(world: World, backend: Backend, stop: Stop) -> None:
    watching(backend)
    if world.name == "env":
        pytest.skip("an environment does not change")
    fill(world)
    loop = Loop(backend, ["/app"], stop)
    try:
        eventually(lambda: loop.last().get("/app/name") == "n")
        for number in range(5):
            world.put("/app/name", str(number))
            eventually(lambda n=number: loop.last()["/app/name"] == str(n))  # type: ignore[misc]
        world.put("/app/new/deep", "d")
        eventually(lambda: loop.last().get("/app/new/deep") == "d")
        world.delete("/app/db/port")
        eventually(lambda: "/app/db/port" not in loop.last())
        assert 0 not in loop.indexes
    finally:
        loop.end()


def test_a_key_that_was_never_there_wakes_when_it_comes(
    world: World, backend: Backend, stop: Stop
) -> None:
    watching(backend)
    if world.name == "env":
        pytest.skip("an environment does not change")
    loop = Loop(backend, ["/app/later"], stop)
    try:
        eventually(lambda: loop.seen == [{}])
        world.put("/app/later", "now")
        eventually(lambda: loop.last() == {"/app/later": "now"})
    finally:
        loop.end()


def test_what_changes_between_reading_and_waiting_is_not_missed(
    world: World, backend: Backend, stop: Stop
) -> None:
    watching(backend)
    if world.name == "env":
        pytest.skip("an environment does not change")
    fill(world)
    index = backend.wait("/", ["/app"], 0, stop)
    backend.values(["/app"])
    world.put("/app/name", "new")

    with ThreadPoolExecutor(1) as pool:
        timer = threading.Timer(20, stop.set)
        timer.start()
        index_of_own = backend.wait("/", ["/app"], index, stop)
        timer.cancel()
        assert not stop.is_set()
        assert index_of_own != index
        assert pool.submit(backend.values, ["/app/name"]).result() == {"/app/name": "new"}


@pytest.mark.parametrize("keys", [["/app"], []])
def test_a_wait_ends_when_told_to(
    world: World, backend: Backend, stop: Stop, keys: list[str]
) -> None:
    fill(world)

    def wait() -> tuple[int, int]:
        index = backend.wait("/", keys, 0, stop)
        return index, backend.wait("/", keys, index, stop)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait)
        threading.Timer(0.3, stop.set).start()
        index, after = waiting.result(timeout=10)

    assert index == after


def test_a_server_that_is_down_is_unavailable_and_comes_back(world: World, stop: Stop) -> None:
    if not world.can_die:
        pytest.skip("it cannot die")
    fill(world)
    world.kill()
    backend = world.backend()
    with pytest.raises(Unavailable):
        backend.values(["/app"])
    world.back()
    if world.name in ("vault", "ssm", "dynamodb", "secretsmanager"):
        fill(world)  # these keep nothing on disk
    eventually(lambda: works(backend), within=20)


def works(backend: Backend) -> bool:
    try:
        return backend.values(["/app/db/host"]) == {"/app/db/host": "h"}
    except Unavailable:
        return False


def test_a_server_that_dies_under_a_wait_is_told_and_heard_again(
    world: World, backend: Backend, stop: Stop
) -> None:
    watching(backend)
    if not world.can_die or world.name == "file":
        pytest.skip("it cannot die under a wait")
    fill(world)
    loop = Loop(backend, ["/app"], stop)
    try:
        eventually(lambda: loop.last().get("/app/name") == "n")
        world.kill()
        eventually(lambda: loop.troubles, within=15)
        world.back()
        world.put("/app/name", "after")
        eventually(lambda: loop.last().get("/app/name") == "after", within=30)
        world.put("/app/name", "again")
        eventually(lambda: loop.last().get("/app/name") == "again")
    finally:
        loop.end()
