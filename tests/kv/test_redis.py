"""What is true of Redis alone: a bounded stream, leases by its own clock, answers that got lost."""

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest
import redis

from bootstrapper.errors import Unavailable
from bootstrapper.ids import new_id
from bootstrapper.kv.redis_watch import merged
from bootstrapper.kv.store import Change, Gap, Put, claim
from support.eventually import eventually
from support.kv import RedisKeys, hearing
from support.services import short_folder

HISTORY = 100
NOTICED = 6.0  # seconds for a cut link


@pytest.fixture(scope="module")
def server() -> Iterator[RedisKeys]:
    with short_folder("kv") as folder:
        server = RedisKeys(folder, history=HISTORY)
        server.start()
        yield server
        server.stop()


@pytest.fixture
def at() -> str:
    return f"/{new_id()}/"


def test_what_was_trimmed_is_a_gap(server: RedisKeys, at: str) -> None:
    store = server.store()
    since = store.read(at).revision
    for number in range(HISTORY + 1):
        store.put(f"{at}a", str(number))

    with hearing(store, at, since) as heard:
        pass
    assert isinstance(heard.error, Gap)
    with hearing(store, at, since + 1) as heard:
        eventually(lambda: heard.values == {f"{at}a": str(HISTORY)})


def test_a_slow_watcher_that_is_overtaken_hears_of_a_gap(server: RedisKeys, at: str) -> None:
    store = server.store()
    changes = store.changes(at, store.read(at).revision, threading.Event())
    next(changes)
    for number in range(HISTORY + 1):
        store.put(f"{at}a", str(number))

    with pytest.raises(Gap):
        next(changes)


def test_a_store_that_was_emptied_is_a_gap_for_who_listens(server: RedisKeys, at: str) -> None:
    store = server.store()
    store.put(f"{at}a", "1")
    with hearing(store, at, store.read(at).revision) as heard:
        server.redis.client().flushall()

        assert heard.ended.wait(5)
    assert isinstance(heard.error, Gap)


def test_a_frozen_redis_is_noticed(server: RedisKeys, at: str) -> None:
    store = server.store()
    with hearing(store, at, store.read(at).revision) as heard:
        process = server.redis.client().info("server")["process_id"]
        os.kill(process, signal.SIGSTOP)
        try:
            assert heard.ended.wait(NOTICED)
        finally:
            os.kill(process, signal.SIGCONT)

    assert isinstance(heard.error, Unavailable)


def test_leases_end_when_every_client_is_dead(server: RedisKeys, at: str) -> None:
    """Nobody comes for longer than the lease; the first who comes reads what is true."""
    store = server.store()
    since = store.read(at).revision
    store.put(f"{at}a", "1", store.grant(0.2))
    over = time.monotonic() + 0.5
    eventually(lambda: time.monotonic() > over)

    with hearing(server.store(), at, since) as heard:
        eventually(lambda: heard.gone == {f"{at}a"})
    assert server.store().read(at).values == {}


def test_a_watcher_alone_ends_leases_and_hears_of_it_once(server: RedisKeys, at: str) -> None:
    store = server.store()
    with hearing(store, at, store.read(at).revision) as heard, hearing(store, at, 0) as other:
        store.put(f"{at}a", "1", store.grant(0.3))
        eventually(lambda: heard.gone == {f"{at}a"})

    assert isinstance(other.error, Gap | None)
    assert sum(len(change.gone) for change in heard.changes) == 1


def test_a_write_whose_answer_was_lost_is_answered_as_before(server: RedisKeys, at: str) -> None:
    """Its link is cut as often as it can be; each write happens once."""
    store, done = server.store(), threading.Event()

    def cut() -> None:
        client = server.redis.client()
        while not done.wait(0.003):
            client.client_kill_filter(_type="normal", skipme=True)

    cutter = threading.Thread(target=cut)
    cutter.start()
    try:
        for number in range(200):
            assert claim(store, f"{at}{number}", str(number), None) is not None
    except Unavailable:
        pass  # cut five times in a row: allowed, and then nobody knows
    finally:
        done.set()
        cutter.join()


def test_what_another_step_left_does_not_stay(server: RedisKeys, at: str) -> None:
    """A cleared store holds no more than its counters and its history."""
    store = server.store()
    store.write([Put(f"{at}{number}", "x", store.grant(30)) for number in range(10)])
    store.clear(at)
    client: redis.Redis = server.redis.client()
    names = {name.decode().removeprefix("bootstrapper:kv:") for name in client.keys("*lease:*")}  # type: ignore[union-attr]

    assert names == set()


def test_steps_are_merged_in_their_order() -> None:
    put_a = b"+\0\0\0\1a\0\0\0\0011"
    drop_a, drop_b = b"-\0\0\0\1a", b"-\0\0\0\1b"
    put_b = b"+\0\0\0\1b\0\0\0\0012"
    elsewhere = b"+\0\0\0\1c\0\0\0\0012"

    assert merged([(1, put_a), (2, drop_b + drop_a), (3, put_b + elsewhere)], b"") == Change(
        3, {"b": "2", "c": "2"}, frozenset({"a"})
    )
    assert merged([(1, elsewhere)], b"a") == Change(1)
