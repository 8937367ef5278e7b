"""What every store of keys must do. Both are held to the same tests, on their real servers."""

import os
import threading
import time
from collections.abc import Iterator

import pytest

from bootstrapper.errors import Refused, Unavailable
from bootstrapper.ids import new_id
from bootstrapper.kv.store import (
    ABSENT,
    Change,
    Clear,
    Delete,
    Gap,
    Keys,
    LeaseOver,
    Put,
    Snapshot,
    claim,
)
from support.eventually import eventually
from support.kv import SERVERS, Server, hearing
from support.services import short_folder

SHORT = 1.0  # seconds of a lease; etcd makes it two, as its elections take one


@pytest.fixture(scope="module", params=sorted(SERVERS))
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with short_folder("kv") as folder:
        server = SERVERS[request.param](folder)
        server.start()
        yield server
        server.stop()


@pytest.fixture
def store(server: Server) -> Keys:
    return server.store()


@pytest.fixture
def at() -> str:
    """A prefix of its own for each test."""
    return f"/{new_id()}/"


def test_reads_back_only_what_is_below_the_prefix(store: Keys, at: str) -> None:
    store.put(f"{at}web/a", "1")
    store.put(f"{at}web/b", "2")
    store.put(f"{at}webs", "3")

    assert store.read(f"{at}web/").values == {f"{at}web/a": "1", f"{at}web/b": "2"}


def test_an_empty_prefix_is_everything(store: Keys, at: str) -> None:
    store.put(f"{at}a", "1")

    assert store.read("").values[f"{at}a"] == "1"


@pytest.mark.parametrize(
    "text", ["", " ", "\0", "é€😀", "a\nb", "\udcff\udc80raw", "x" * 500_000], ids=repr
)
def test_any_bytes_come_back(store: Keys, at: str, text: str) -> None:
    with hearing(store, at, store.read(at).revision) as heard:
        store.put(f"{at}{text[:50]}k", text)

        assert store.read(at).values == {f"{at}{text[:50]}k": text}
        eventually(lambda: heard.values == {f"{at}{text[:50]}k": text})


def test_a_prefix_ends_where_its_last_byte_does(store: Keys, at: str) -> None:
    store.put(f"{at}\udcff\udcff", "1")
    store.put(f"{at}\udcfe", "2")

    assert store.read(f"{at}\udcff").values == {f"{at}\udcff\udcff": "1"}


def test_each_write_has_a_higher_revision(store: Keys, at: str) -> None:
    revisions = [store.put(f"{at}a", "1"), store.put(f"{at}a", "1"), store.delete(f"{at}a")]

    assert revisions == sorted(set(revisions))
    assert store.read(at).revision >= revisions[-1]


def test_a_deleted_key_is_gone(store: Keys, at: str) -> None:
    store.put(f"{at}a", "1")
    store.delete(f"{at}a")

    assert store.read(at).values == {}
    assert store.look(f"{at}a") is None


def test_deleting_what_is_not_there_is_no_change(store: Keys, at: str) -> None:
    before = store.read(at).revision

    assert store.delete(f"{at}none") == before


def test_clearing_takes_all_below_a_prefix_in_one_step(store: Keys, at: str) -> None:
    store.put(f"{at}a/1", "1")
    store.put(f"{at}a/2", "2")
    kept = store.put(f"{at}b", "3")

    assert store.clear(f"{at}a/") == kept + 1
    assert store.read(at).values == {f"{at}b": "3"}


def test_a_key_without_a_name_is_refused(store: Keys) -> None:
    with pytest.raises(Refused):
        store.put("", "1")


def test_many_keys_are_read_at_one_revision(store: Keys, at: str) -> None:
    wanted = {f"{at}{number:05}": str(number) for number in range(2500)}
    for first in range(0, 2500, 100):
        some = list(wanted.items())[first : first + 100]
        revision = store.write([Put(key, value) for key, value in some])

    assert store.read(at) == Snapshot(wanted, revision or 0)


def test_a_watch_first_says_that_it_stands(store: Keys, at: str) -> None:
    since = store.read(at).revision
    with hearing(store, at, since) as heard:
        assert heard.changes == [Change(since)]


def test_a_change_between_reading_and_watching_is_heard(store: Keys, at: str) -> None:
    since = store.read(at).revision
    revision = store.put(f"{at}a", "1")

    with hearing(store, at, since) as heard:
        eventually(lambda: heard.values == {f"{at}a": "1"})
    assert heard.changes[-1].revision == revision


def test_what_was_known_is_not_told_again(store: Keys, at: str) -> None:
    store.put(f"{at}a", "1")
    with hearing(store, at, store.read(at).revision) as heard:
        store.put(f"{at}b", "2")
        eventually(lambda: heard.values)

    assert heard.values == {f"{at}b": "2"}


def test_a_deletion_is_a_change(store: Keys, at: str) -> None:
    store.put(f"{at}a", "1")
    with hearing(store, at, store.read(at).revision) as heard:
        store.delete(f"{at}a")

        eventually(lambda: heard.gone == {f"{at}a"})


def test_changes_elsewhere_are_not_reported(store: Keys, at: str) -> None:
    with hearing(store, f"{at}a/", store.read(at).revision) as heard:
        store.put(f"{at}b/1", "1")
        store.put(f"{at}a/1", "1")
        eventually(lambda: heard.values)

    assert heard.values == {f"{at}a/1": "1"}


def test_one_step_is_one_change(store: Keys, at: str) -> None:
    store.put(f"{at}old", "1")
    with hearing(store, at, store.read(at).revision) as heard:
        revision = store.write([Put(f"{at}new", "1"), Delete(f"{at}old")])
        eventually(lambda: len(heard.changes) > 1)

    assert revision is not None
    assert heard.changes[1:] == [Change(revision, {f"{at}new": "1"}, frozenset({f"{at}old"}))]


def test_the_last_of_many_quick_changes_is_heard(store: Keys, at: str) -> None:
    with hearing(store, at, store.read(at).revision) as heard:
        for number in range(50):
            store.put(f"{at}a", str(number))
            store.delete(f"{at}b") if number % 2 else store.put(f"{at}b", str(number))
        eventually(lambda: heard.values == {f"{at}a": "49"})


def test_a_watch_that_is_told_to_end_ends(store: Keys, at: str) -> None:
    stop = threading.Event()
    stop.set()

    assert list(store.changes(at, 0, stop)) == []


def test_a_watch_of_a_future_that_the_store_never_had_is_a_gap(store: Keys, at: str) -> None:
    with hearing(store, at, store.read(at).revision + 1000) as heard:
        pass

    assert isinstance(heard.error, Gap)


def test_a_claim_is_for_one(store: Keys, server: Server, at: str) -> None:
    lease, other = store.grant(30), store.grant(30)
    others = server.store()

    assert claim(store, f"{at}lead", "me", lease) is not None
    assert claim(others, f"{at}lead", "you", other) is None
    assert store.read(at).values == {f"{at}lead": "me"}


def test_of_many_who_claim_at_once_one_wins(server: Server, at: str) -> None:
    won: list[str] = []

    def contend(name: str) -> None:
        store = server.store()
        if claim(store, f"{at}lead", name, store.grant(30)) is not None:
            won.append(name)

    rivals = [threading.Thread(target=contend, args=(str(number),)) for number in range(8)]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join()

    assert list(server.store().read(at).values.values()) == won


def test_a_claim_may_be_renewed_at_its_own_revision_alone(store: Keys, at: str) -> None:
    first = claim(store, f"{at}lead", "me", None)
    assert first is not None
    second = claim(store, f"{at}lead", "me again", None, first)

    assert second is not None
    assert second > first
    assert claim(store, f"{at}lead", "late", None, first) is None


def test_a_guarded_write_needs_every_guard(store: Keys, at: str) -> None:
    lead = store.put(f"{at}lead", "me")
    node = store.put(f"{at}node", "sick")

    assert store.write([Delete(f"{at}node")], {f"{at}lead": lead, f"{at}node": lead}) is None
    assert store.write([Delete(f"{at}node")], {f"{at}lead": lead, f"{at}node": node}) is not None
    assert store.look(f"{at}node") is None


def test_who_lost_the_lead_writes_nothing_more(store: Keys, at: str) -> None:
    lease = store.grant(30)
    lead = claim(store, f"{at}lead", "me", lease)
    assert lead is not None
    store.revoke(lease)

    assert store.write([Put(f"{at}a", "1")], {f"{at}lead": lead}) is None
    assert store.read(at).values == {}


def test_looking_tells_the_guard(store: Keys, at: str) -> None:
    lease = store.grant(30)
    revision = store.put(f"{at}a", "1", lease)
    entry = store.look(f"{at}a")

    assert entry is not None
    assert (entry.value, entry.revision, entry.lease) == ("1", revision, lease.id)
    assert store.write([Put(f"{at}a", "2")], {f"{at}a": ABSENT}) is None


def test_keys_of_a_lease_that_nobody_keeps_go(server: Server, store: Keys, at: str) -> None:
    with hearing(store, at, store.read(at).revision) as heard:
        gone = server.store()  # a client that says nothing more
        lease = gone.grant(SHORT)
        gone.put(f"{at}a", "1", lease)
        gone.put(f"{at}b", "1", lease)
        store.put(f"{at}stays", "1")

        eventually(lambda: heard.gone == {f"{at}a", f"{at}b"}, within=8)
        assert store.read(at).values == {f"{at}stays": "1"}
        assert not store.keep(lease)


def test_a_kept_lease_lasts(store: Keys, at: str) -> None:
    lease = store.grant(SHORT)
    store.put(f"{at}a", "1", lease)
    until = time.monotonic() + 3 * SHORT

    def kept() -> bool:
        assert store.keep(lease)
        return time.monotonic() > until

    eventually(kept, within=10)
    assert store.read(at).values == {f"{at}a": "1"}


def test_a_lease_that_is_given_up_takes_its_keys_along(store: Keys, at: str) -> None:
    lease = store.grant(30)
    store.put(f"{at}a", "1", lease)
    store.revoke(lease)
    store.revoke(lease)

    assert store.read(at).values == {}
    with pytest.raises(LeaseOver):
        store.put(f"{at}a", "1", lease)
    with pytest.raises(LeaseOver):
        store.write([Put(f"{at}a", "1", lease)])


def test_a_key_put_without_its_lease_outlives_it(store: Keys, at: str) -> None:
    lease = store.grant(30)
    store.put(f"{at}a", "1", lease)
    store.put(f"{at}a", "2")
    store.revoke(lease)

    assert store.read(at).values == {f"{at}a": "2"}


def test_a_store_bears_a_fork(store: Keys, at: str) -> None:
    store.put(f"{at}parent", "1")
    child = os.fork()
    if child == 0:
        try:
            for number in range(20):
                store.put(f"{at}child", str(number))
        finally:
            os._exit(0)
    for number in range(20):
        store.put(f"{at}parent", str(number))
    os.waitpid(child, 0)

    assert store.read(at).values == {f"{at}parent": "19", f"{at}child": "19"}


def test_a_killed_server_loses_nothing_and_the_watch_goes_on(
    server: Server, store: Keys, at: str
) -> None:
    """Three times: writes in the background, kill -9, start; every acknowledged one is heard."""
    done, acknowledged = threading.Event(), {f"{at}first": "0"}
    since = store.put(f"{at}first", "0")

    def write() -> None:
        writer, number = server.store(), 0
        while not done.is_set():
            try:
                writer.put(f"{at}{number}", str(number))
                acknowledged[f"{at}{number}"] = str(number)
                number += 1
            except Unavailable:
                done.wait(0.05)

    writer = threading.Thread(target=write)
    writer.start()
    heard = {f"{at}first": "0"}
    try:
        for _ in range(3):
            reached = len(acknowledged) + 20
            with hearing(server.store(), at, since) as hears:
                eventually(lambda reached=reached: len(acknowledged) > reached, within=20)  # type: ignore[misc]
                server.kill()
                assert hears.ended.wait(8), "the loss is not noticed"
                assert isinstance(hears.error, Unavailable)
                assert not isinstance(hears.error, Gap)
            server.start()
            heard |= hears.values
            since = hears.changes[-1].revision
    finally:
        done.set()
        writer.join()
    with hearing(server.store(), at, since) as hears:
        eventually(lambda: acknowledged.items() <= (heard | hears.values).items(), within=10)
    assert (heard | hears.values) == store.read(at).values


def test_leases_outlive_a_short_outage(server: Server, store: Keys, at: str) -> None:
    """Nobody can keep a lease while the server is away: that is not a death of the fleet."""
    lease = store.grant(3)
    store.put(f"{at}a", "1", lease)
    server.kill()
    until = time.monotonic() + 3.2
    eventually(lambda: time.monotonic() > until, within=5)
    server.start()

    assert store.keep(lease)
    assert store.read(at).values == {f"{at}a": "1"}


def test_entries_tell_of_each_key_what_looking_does(store: Keys, at: str) -> None:
    lease = store.grant(30)
    store.put(f"{at}a", "1")
    store.put(f"{at}b", "\udcff", lease)
    store.put(f"{at}a", "2")
    found = store.entries(at)

    assert found.entries == {key: store.look(key) for key in (f"{at}a", f"{at}b")}
    assert found.entries[f"{at}b"].lease == lease.id
    assert found.revision == store.read(at).revision


def test_clearing_is_a_guarded_write_too(store: Keys, at: str) -> None:
    lead = store.put(f"{at}lead", "me")
    for key in ("a", "a/1", "a/2", "ab"):
        store.put(f"{at}{key}", "1")
    writes = (Clear(f"{at}a/"), Put(f"{at}done", "1"))

    assert store.write(writes, {f"{at}lead": lead + 1}) is None
    with hearing(store, at, store.read(at).revision) as heard:
        assert store.write(writes, {f"{at}lead": lead}) is not None
        eventually(lambda: heard.gone == {f"{at}a/1", f"{at}a/2"})
    assert store.read(at).values.keys() == {f"{at}{key}" for key in ("lead", "a", "ab", "done")}


def test_a_change_tells_at_which_revision_each_key_was_put(store: Keys, at: str) -> None:
    since = store.read(at).revision
    revisions = {f"{at}{key}": store.put(f"{at}{key}", "1") for key in "abc"}

    with hearing(store, at, since) as heard:
        eventually(lambda: len(heard.values) == 3)
    assert {k: v for each in heard.changes for k, v in each.revisions.items()} == revisions
