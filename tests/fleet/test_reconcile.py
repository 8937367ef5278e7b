"""The reconciler over the real stores: one leads, the next takes on, and what is done is seen."""

import os
import signal

import pytest

from bootstrapper.fleet.leader import Leadership
from bootstrapper.fleet.reading import fleet_of
from bootstrapper.fleet.values import Fleet
from bootstrapper.kv.store import Keys, Put
from support.eventually import eventually
from support.fleet_world import PATHS, many, three
from support.kv import Server
from support.reconciling import reconciling, reconciling_process


@pytest.fixture
def store(server: Server) -> Keys:
    store = server.store()
    for key, value in three().values.items():
        store.put(key, value)
    return store


def fleet(store: Keys) -> Fleet:
    read = store.read(PATHS.prefix)
    return fleet_of(read.values, PATHS, read.revision)


def leader(store: Keys) -> str:
    entry = store.look(PATHS.leader)
    return entry.value if entry else ""


def url_of(server: Server) -> str:
    keys = getattr(server, "etcd", None)
    return f"etcd://{keys.address}" if keys else server.redis.url  # type: ignore[attr-defined]


def test_a_node_whose_lease_is_gone_is_out_and_back_in_a_moment(store: Keys) -> None:
    with reconciling(store, "r1") as running:
        eventually(lambda: running.reconciler.counts.leader)
        running.silent.add("a")
        store.delete(PATHS.alive("a"))
        eventually(lambda: store.look("/services/web/a:web") is None, within=1.0)
        assert running.reconciler.counts.guessed == 1
        running.silent.clear()
        store.put(PATHS.alive("a"), "2")

        eventually(lambda: store.look("/services/web/a:web") is not None, within=1.0)
        assert not fleet(store).marks
        eventually(lambda: running.reconciler.counts.marks == 0)


def test_what_cannot_be_judged_removes_nothing_and_another_leads(
    store: Keys, caplog: pytest.LogCaptureFixture
) -> None:
    with reconciling(store, "r1") as harmed:
        eventually(lambda: harmed.reconciler.counts.leader)
        harmed.members = ["a"]  # type: ignore[assignment]
        eventually(lambda: "cannot be judged" in caplog.text)
        with reconciling(store, "r2") as well:
            well.silent.add("a")
            store.delete(PATHS.alive("a"))
            eventually(lambda: store.look("/services/web/a:web") is None, within=10.0)
        harmed.members = None
        eventually(lambda: harmed.reconciler.counts.leader, within=10.0)


def test_a_quiet_fleet_is_not_written_to(store: Keys) -> None:
    with reconciling(store, "r1", loop=False) as running:
        running.reconciler.turn()
        eventually(lambda: PATHS.leader in running.mirror.snapshot().values)
        before = store.read("/").revision
        for _ in range(5):
            running.reconciler.turn()

        assert store.read("/").revision == before
        assert running.reconciler.counts.turns == 6
        running.leadership.resign()


def test_only_one_leads_and_who_stops_hands_over_at_once(store: Keys) -> None:
    with reconciling(store, "r1") as first:
        eventually(lambda: leader(store) == "r1")
        with reconciling(store, "r2") as second:
            eventually(lambda: second.reconciler.counts.turns > 3)
            assert not second.reconciler.counts.leader
            first.stop.set()

            eventually(lambda: leader(store) == "r2", within=1.0)
            eventually(lambda: second.reconciler.counts.leader)


def test_when_the_leader_is_killed_the_next_takes_on(server: Server, store: Keys) -> None:
    with reconciling_process(url_of(server), "r1", "a") as killed:
        eventually(lambda: leader(store) == "r1", within=10)
        with reconciling(store, "r2") as second:
            second.silent.add("a")
            killed.kill()
            killed.wait()
            store.delete(PATHS.alive("a"))

            eventually(lambda: "a" in fleet(store).marks, within=6)
            assert leader(store) == "r2"


def test_a_leader_that_lost_its_key_writes_nothing_and_forgets(store: Keys) -> None:
    with reconciling(store, "r1", loop=False) as running:
        running.reconciler.turn()
        assert running.reconciler.counts.leader
        eventually(lambda: PATHS.leader in running.mirror.snapshot().values)
        store.put(PATHS.leader, "another")
        running.silent.add("a")
        store.delete(PATHS.alive("a"))
        eventually(lambda: PATHS.alive("a") not in running.mirror.snapshot().values)

        running.reconciler.turn()

        assert not fleet(store).marks
        assert running.leadership.term is None


def test_who_takes_on_knows_what_was_removed_before_it(store: Keys) -> None:
    with reconciling(store, "r1", hold_share=1.0) as first:
        first.silent |= {"a", "b"}
        store.delete(PATHS.alive("a"))
        eventually(lambda: "a" in fleet(store).marks)
    with reconciling(store, "r2", hold_share=1.0, quorum=0.0) as second:
        second.silent |= {"a", "b"}
        store.delete(PATHS.alive("b"))

        eventually(lambda: fleet(store).held)
        assert {each.rule for each in fleet(store).held.values()} == {"brake"}


def test_while_the_store_is_away_nobody_judges_and_later_it_learns_again(
    server: Server, store: Keys
) -> None:
    with reconciling(store, "r1", learn=1.0) as running:
        eventually(lambda: running.reconciler.counts.leader)
        server.kill()
        eventually(lambda: not running.mirror.link.connected)
        running.silent.add("a")
        server.start()
        store.delete(PATHS.alive("a"))

        eventually(lambda: "a" in fleet(store).marks, within=8)
        assert len(fleet(store).marks) == 1


def test_events_beyond_those_kept_go(store: Keys) -> None:
    for number in range(150):
        store.put(PATHS.event(f"0{number:04}"), "{}")
    with reconciling(store, "r1", events_kept=100) as running:
        eventually(lambda: running.reconciler.counts.leader)

        eventually(lambda: len(store.read(f"{PATHS.prefix}events/").values) == 100)


def test_a_lead_is_kept_and_given_up(store: Keys) -> None:
    mine, other = (Leadership(store, PATHS, name, 2.0) for name in ("mine", "other"))
    term = mine.lead(0.0, taken=False)

    assert term == mine.lead(1.0, taken=True)
    assert other.lead(0.0, taken=False) is None
    mine.resign()
    assert mine.term is None
    assert other.lead(1.0, taken=False)
    other.resign()


def test_a_lease_that_ran_out_ends_the_lead(store: Keys) -> None:
    mine = Leadership(store, PATHS, "mine", 1.0)
    mine.lead(0.0, taken=False)
    eventually(lambda: store.look(PATHS.leader) is None, within=6)

    assert mine.lead(5.0, taken=False) is None
    assert mine.lead(5.0, taken=False)
    mine.resign()


def test_of_thirty_nodes_most_are_cut_off_and_come_back(store: Keys) -> None:
    gone = 18
    store.clear("/")
    world = many(30)
    for start in range(0, len(world.values), 50):
        part = list(world.values.items())[start : start + 50]
        store.write([Put(key, value) for key, value in part])
    names = [f"n{number:02}" for number in range(gone)]
    with reconciling(store, "r1") as running:
        eventually(lambda: running.reconciler.counts.leader)
        running.silent |= set(names)
        for name in names:
            store.delete(PATHS.alive(name))
        eventually(lambda: len(fleet(store).held) + len(fleet(store).marks) == gone)
        turns = running.reconciler.counts.turns
        eventually(lambda: running.reconciler.counts.turns > turns + 8, within=10)
        assert running.reconciler.counts.guessed == len(fleet(store).marks) <= 6

        running.silent.clear()
        for name in names:
            store.put(PATHS.alive(name), "2")
        eventually(lambda: not fleet(store).held and not fleet(store).marks, within=5)
        shown = {key for key in store.read("/").values if not key.startswith(PATHS.prefix)}
        assert shown == set(world.views)


def test_a_leader_that_slept_while_another_took_on_does_not_touch_what_it_did(
    server: Server, store: Keys
) -> None:
    with reconciling_process(url_of(server), "r1", "a", "b") as asleep:
        eventually(lambda: leader(store) == "r1", within=10)
        with reconciling(store, "r2") as second:
            os.kill(asleep.pid, signal.SIGSTOP)
            eventually(lambda: leader(store) == "r2", within=6)
            store.delete(PATHS.alive("a"))
            eventually(lambda: "a" in fleet(store).held)  # it answers r2, not r1
            os.kill(asleep.pid, signal.SIGCONT)
            turns = second.reconciler.counts.turns
            eventually(lambda: second.reconciler.counts.turns > turns + 8, within=10)

            assert leader(store) == "r2"
            assert not fleet(store).marks
