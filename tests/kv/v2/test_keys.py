"""v2 over both stores: what it shares with those who use the store itself, races, and time."""

import threading
import time
from collections.abc import Callable

import pytest

from bootstrapper.errors import Mistake
from bootstrapper.kv.store import Clear, Delete, Put
from bootstrapper.kv.v2.following import Following
from bootstrapper.kv.v2.keys import V2Keys
from bootstrapper.kv.v2.records import EVENTS, SHADOW, places, revision_of
from support.eventually import eventually
from support.kv import Server
from support.v2 import Inside


def test_a_key_is_the_stores_own(inside: Inside) -> None:
    inside.ask("PUT", "/proxy/frontend/web1", value="1.2.3.4:80")

    assert inside.store.read(inside.prefix).values == {
        f"{inside.prefix}/proxy/frontend/web1": "1.2.3.4:80"
    }


def test_what_others_put_is_there_at_once(inside: Inside) -> None:
    for number in range(20):
        revision = inside.store.put(f"{inside.prefix}/a/b", str(number))
        node = inside.ask("GET", "/a/b").event.node

        assert node is not None
        assert node.value == str(number)
        assert revision_of(node.modifiedIndex) == revision_of(node.createdIndex) == revision


def test_what_others_delete_is_gone_with_its_folder(inside: Inside) -> None:
    inside.store.put(f"{inside.prefix}/a/b", "1")
    assert inside.code("GET", "/a") == 0
    inside.store.delete(f"{inside.prefix}/a/b")

    assert inside.code("GET", "/a") == 100


def test_a_folder_that_a_request_made_or_used_stays(inside: Inside) -> None:
    inside.store.put(f"{inside.prefix}/others/b", "1")
    inside.ask("DELETE", "/others/b")
    inside.ask("PUT", "/mine/b", value="1")
    inside.store.delete(f"{inside.prefix}/mine/b")

    assert inside.code("GET", "/others") == inside.code("GET", "/mine") == 0


def test_a_key_that_others_put_anew_has_neither_time_nor_past(inside: Inside) -> None:
    inside.ask("PUT", "/a", value="1", ttl=100)
    inside.ask("PUT", "/a", value="2", ttl=100, prevExist="true")
    revision = inside.store.put(f"{inside.prefix}/a", "3")
    node = inside.ask("GET", "/a").event.node

    assert node is not None
    assert (node.ttl, node.expiration, node.value) == (0, "", "3")
    assert revision_of(node.createdIndex) == revision


def test_a_folder_hides_the_key_of_its_name(inside: Inside) -> None:
    inside.store.write([Put(f"{inside.prefix}/a", "1"), Put(f"{inside.prefix}/a/b", "2")])

    assert inside.code("PUT", "/a", value="3") == 102
    assert inside.code("DELETE", "/a", recursive="true") == 0
    assert inside.store.read(inside.prefix).values == {}


def test_keys_that_no_path_names_are_not_shown(inside: Inside) -> None:
    for name in ("//a", "/a/", "/./a", "/a/../b", "/\x01", "/\udcff", "/x" * 3000):
        inside.store.put(f"{inside.prefix}{name}", "1")
    inside.store.put(f"{inside.prefix}s/a", "1")

    node = inside.ask("GET", "/", recursive="true").event.node
    assert node is not None
    assert node.nodes == ()


def test_bytes_go_through_and_are_shown_as_what_they_are_not(inside: Inside) -> None:
    inside.store.put(f"{inside.prefix}/a", "\udcff")

    assert inside.value("/a") == "\ufffd"


@pytest.mark.parametrize("rivals", [8])
def test_of_many_who_swap_at_once_one_wins(inside: Inside, server: Server, rivals: int) -> None:
    """Half of them through another `serve`."""
    stop = threading.Event()
    other = Inside(server.store(), inside.prefix, stop)
    inside.ask("PUT", "/a", value="0")
    codes: list[int] = []

    def swap(number: int) -> None:
        side = (inside, other)[number % 2]
        codes.append(side.code("PUT", "/a", value=number + 1, prevValue="0"))

    _at_once(swap, rivals)
    stop.set()
    other.join()

    assert sorted(codes) == [0] + [101] * (rivals - 1)


def test_counting_by_swaps_counts_all(inside: Inside, server: Server) -> None:
    """Against somebody who does not even know of v2."""
    inside.ask("PUT", "/n", value="0")
    key = f"{inside.prefix}/n"
    store = server.store()

    def by_v2() -> None:
        while True:
            node = inside.ask("GET", "/n").event.node
            assert node is not None
            wanted = int(node.value or 0) + 1
            if not inside.code("PUT", "/n", value=wanted, prevIndex=node.modifiedIndex):
                break

    def by_store() -> None:
        while True:
            entry = store.look(key)
            assert entry is not None
            if store.write([Put(key, str(int(entry.value) + 1))], {key: entry.revision}):
                break

    def count(number: int) -> None:
        for _ in range(5):
            (by_v2 if number % 2 else by_store)()

    _at_once(count, 8)

    assert inside.value("/n") == "40"


def test_keys_in_order_are_unique_and_in_order(inside: Inside) -> None:
    names: list[str] = []

    def post(number: int) -> None:
        node = inside.ask("POST", "/q", value=number).event.node
        assert node is not None
        names.append(node.key)

    _at_once(post, 8)
    for number in range(3):
        post(number)

    assert len(set(names)) == 11
    assert names[8:] == sorted(names[8:])
    assert max(names[:8]) < names[8]


def test_who_empties_a_folder_and_who_fills_it_do_not_miss_each_other(inside: Inside) -> None:
    for number in range(10):
        path = f"/d{number}"
        inside.ask("PUT", path, dir="true")
        codes: dict[int, int] = {}

        def act(which: int, path: str = path, codes: dict[int, int] = codes) -> None:
            codes[which] = (
                inside.code("DELETE", path, dir="true")
                if which
                else inside.code("PUT", f"{path}/a", value=1)
            )

        _at_once(act, 2)
        assert codes[0] == 0
        assert codes[1] in (0, 108)
        assert inside.value(f"{path}/a") == "1"


def test_a_key_lives_its_time_and_is_said_to_have_expired(inside: Inside) -> None:
    since = inside.ask("PUT", "/a", value="1", ttl=1).index + 1
    began = time.monotonic()
    eventually(lambda: inside.code("GET", "/a") == 100, within=3)

    assert 0.9 < time.monotonic() - began < 1.6
    assert inside.heard("/", since) == [("expire", "/a")]
    assert not [k for k in inside.store.read(SHADOW).values if f"keys{inside.prefix}" in k]


def test_a_folder_takes_along_what_is_in_it(inside: Inside) -> None:
    inside.ask("PUT", "/d", dir="true", ttl=1)
    since = inside.ask("PUT", "/d/a", value="1").index + 1
    inside.store.put(f"{inside.prefix}/d/b", "1")
    eventually(lambda: inside.code("GET", "/d") == 100, within=3)

    assert inside.store.read(inside.prefix).values == {}
    assert inside.heard("/", since)[-1:] == [("expire", "/d")]


def test_a_refreshed_key_lives_on_unheard(inside: Inside) -> None:
    since = inside.ask("PUT", "/a", value="1", ttl=1).index + 1
    inside.ask("PUT", "/a", ttl=60, refresh="true", prevExist="true")
    until = time.monotonic() + 1.3
    eventually(lambda: time.monotonic() > until)

    assert inside.value("/a") == "1"
    assert inside.heard("/", since) == []


def test_a_key_goes_by_its_lease_when_no_serve_is_there(server: Server) -> None:
    stop = threading.Event()
    inside = Inside(server.store(), "/leased", stop)
    inside.ask("PUT", "/a", value="1", ttl=1)
    stop.set()
    inside.join()

    entry = server.store().look("/leased/a")
    assert entry is not None
    assert entry.lease
    eventually(lambda: server.store().look("/leased/a") is None, within=12)


def test_events_of_others_are_heard_each(inside: Inside) -> None:
    """Those of one step too."""
    path = inside.prefix
    since = inside.ask("PUT", "/x/a", value="1").index + 1
    inside.store.write([Put(f"{path}/x/b", "1"), Put(f"{path}/x/c", "1"), Delete(f"{path}/x/a")])
    inside.ask("GET", "/")
    inside.store.write([Clear(f"{path}/x/")])

    wanted = [("set", "/x/b"), ("set", "/x/c"), ("delete", "/x/a"), ("delete", "/x/b"),
              ("delete", "/x/c")]  # fmt: skip
    eventually(lambda: len(inside.heard("/x", since)) >= 5)
    assert sorted(inside.heard("/x", since)) == sorted(wanted)


def test_history_outlives_a_serve(inside: Inside, server: Server) -> None:
    since = inside.ask("PUT", "/a/b", value="1").index + 1
    inside.ask("PUT", "/a/b", value="2", prevValue="1")
    inside.ask("DELETE", "/a/b")
    inside.store.put(f"{inside.prefix}/a/c", "1")
    stop = threading.Event()
    later = Inside(server.store(), inside.prefix, stop)
    later.ask("GET", "/")

    assert later.heard("/", since) == [
        ("compareAndSwap", "/a/b"), ("delete", "/a/b"), ("set", "/a/c"),
    ]  # fmt: skip
    stop.set()
    later.join()


def test_old_history_is_cleared_and_forgotten(inside: Inside) -> None:
    first = inside.ask("PUT", "/a", value="0").index
    writes = [Put(f"{inside.prefix}/many/{number:04}", "1") for number in range(1100)]
    for start in range(0, 1100, 100):
        inside.store.write(writes[start : start + 100])
    inside.ask("GET", "/")

    with pytest.raises(Mistake, match=r"outdated and cleared: the requested history") as told:
        inside.heard("/", first)
    assert getattr(told.value, "code", 0) == 401
    assert getattr(told.value, "index", 0) > first


def test_records_do_not_grow_for_ever(server: Server) -> None:
    """Trimmed by the reaper, a hundred over what is kept."""
    following = Following(server.store(), places("/trim"))
    stop = threading.Event()
    store = server.store()
    store.write([Put(f"{EVENTS}{number:05}", "{}") for number in range(100)])
    for start in range(1, 11):
        store.write([Put(f"{EVENTS}{start:02}{number:05}", "{}") for number in range(100)])
    threads = [threading.Thread(target=loop, args=(stop,))
               for loop in (following.follow, V2Keys(following).reap)]  # fmt: skip
    for thread in threads:
        thread.start()
    eventually(lambda: len(store.read(EVENTS).values) <= 1000, within=5)
    stop.set()
    for thread in threads:
        thread.join(10)
    store.clear(EVENTS)


@pytest.mark.parametrize("prefix", ["/bootstrapper", "/bootstrapper/x", "/a/../b", "/a\x01", "/f"])
def test_what_is_ours_is_no_prefix(prefix: str) -> None:
    with pytest.raises(Mistake):
        places(prefix, ("/f/",))


def _at_once(act: Callable[[int], object], count: int) -> None:
    threads = [threading.Thread(target=act, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
