"""Plans on the real stores: written whole while all is as it was seen, and not at all else."""

from collections.abc import Callable

import pytest

from bootstrapper.fleet.judging.planning import Plan, plan
from bootstrapper.fleet.judging.telling import Teller
from bootstrapper.fleet.judging.verdicts import MarkDown, Remove, Repair, Verdict
from bootstrapper.fleet.performing import Outcome, perform
from bootstrapper.ids import new_id
from bootstrapper.kv.store import Keys, Put
from support.fleet_world import LAYOUTS, PATHS, World, three


class Judged:
    """A world that is in the store, and the one verdict that was found about it."""

    def __init__(self, store: Keys, world: World) -> None:
        self.store = store
        for key, value in world.values.items():
            store.put(key, value)
        self.term = store.put(PATHS.leader, "me")
        self.world = world
        self.read = store.read("/")
        world.values = dict(self.read.values)
        (self.verdict,) = world.judged()

    def plan(self, verdict: Verdict | None = None) -> Plan:
        teller = Teller("me", {}, new_id)
        return plan(verdict or self.verdict, self.world.seen(), LAYOUTS, teller)

    def perform(self) -> Outcome:
        outcome, _ = perform(
            self.store, self.plan(), self.read.values, self.read.revision, PATHS.leader, self.term
        )
        return outcome

    def now(self) -> dict[str, str]:
        return dict(self.store.read("/").values)


def cut_off(store: Keys) -> Judged:
    world = three()
    world.goes("a")
    judged = Judged(store, world)
    assert isinstance(judged.verdict, MarkDown)
    return judged


def left(store: Keys) -> Judged:
    world = three()
    world.goes("a")
    world.members = {"a": "left", "b": "alive", "c": "alive"}
    judged = Judged(store, world)
    assert isinstance(judged.verdict, Remove)
    return judged


@pytest.mark.parametrize("found", [cut_off, left])
def test_a_verdict_is_written_whole(store: Keys, found: Callable[[Keys], Judged]) -> None:
    judged = found(store)

    assert judged.perform() is Outcome.DONE

    judged.world.turn(2)
    kept = {key: value for key, value in judged.now().items() if "/events/" not in key}
    assert set(kept) == {key for key in judged.world.values if "/events/" not in key}
    assert judged.perform() is Outcome.MOVED  # a second time it is another fleet


@pytest.mark.parametrize("found", [cut_off, left])
def test_one_that_registered_again_in_the_meantime_is_not_touched(
    store: Keys, found: Callable[[Keys], Judged]
) -> None:
    judged = found(store)
    lease = store.grant(10)
    store.put(PATHS.alive("a"), "2", lease)
    store.put("/services/web/a:web", "10.0.0.1:9999")
    before = judged.now()

    assert judged.perform() is Outcome.MOVED
    assert judged.now() == before


def test_the_same_value_written_again_is_a_registration_too(store: Keys) -> None:
    judged = cut_off(store)
    store.put(PATHS.node("a"), judged.read.values[PATHS.node("a")])

    assert judged.perform() is Outcome.MOVED


def test_a_registration_between_the_look_and_the_write_breaks_the_guard(store: Keys) -> None:
    judged = cut_off(store)

    class Late:
        """The store, but somebody registers just before each write."""

        def __getattr__(self, name: str) -> object:
            return getattr(store, name)

        def write(self, *arguments: object) -> object:
            store.put(PATHS.alive("a"), "2")
            return store.write(*arguments)  # type: ignore[arg-type]

    outcome, _ = perform(
        Late(), judged.plan(), judged.read.values, judged.read.revision,  # type: ignore[arg-type]
        PATHS.leader, judged.term,
    )  # fmt: skip

    assert outcome is Outcome.MOVED
    assert PATHS.mark("a") not in judged.now()
    assert "/services/web/a:web" in judged.now()


def test_a_leader_that_was_deposed_writes_nothing(store: Keys) -> None:
    judged = cut_off(store)
    store.delete(PATHS.leader)
    store.put(PATHS.leader, "me")  # the same name, another term
    before = judged.now()

    assert judged.perform() is Outcome.DEPOSED
    assert judged.now() == before


def test_a_node_with_hundreds_of_services_is_marked_in_parts_that_hold_together(
    store: Keys,
) -> None:
    world = three(share=1.0, min_instances=0)
    for number in range(200):
        world.instance("a", f"s{number}", "10.0.0.1", port=9000 + number)
    world.goes("a")
    judged = Judged(store, world)

    assert judged.perform() is Outcome.DONE
    left = [key for key in judged.now() if key.startswith("/services/")]
    assert sorted(left) == ["/services/web/b:web", "/services/web/c:web"]
    told = [key for key in judged.now() if "/events/" in key]
    assert len(told) == 203


def test_a_key_that_was_put_right_by_its_owner_meanwhile_is_left_alone(store: Keys) -> None:
    world = three()
    right = world.values.pop("/services/web/a:web")
    world.turn()
    world.now += 1
    judged = Judged(store, world)
    assert isinstance(judged.verdict, Repair)
    store.write((Put("/services/web/a:web", right),))

    assert judged.perform() is Outcome.MOVED
    assert judged.now()["/services/web/a:web"] == right
