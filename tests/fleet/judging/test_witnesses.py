"""Given a fleet of three, when its witnesses speak, then who is taken out, held or kept."""

from collections.abc import Callable

import pytest

from bootstrapper.fleet.judging.verdicts import (
    Hold,
    KeepOut,
    Lift,
    MarkDown,
    Reason,
    Release,
    Rule,
)
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.values import Health, Signal
from support.fleet_world import World, three

PATHS = Paths()


def cut_off(world: World) -> None:
    world.goes("a")


def only_watch_died(world: World) -> None:
    world.goes("a", silent=False)


def serf_alone(world: World) -> None:
    world.members = {"a": "failed", "b": "alive", "c": "alive"}


def serf_and_silent(world: World) -> None:
    serf_alone(world)
    world.silent.add("a")


def serf_and_proxy(world: World) -> None:
    serf_alone(world)
    world.down = frozenset({"a/a:web"})


def serf_is_cut_off(world: World) -> None:
    world.members = None


def serf_left_but_leased(world: World) -> None:
    world.members = {"a": "left", "b": "alive", "c": "alive"}


CASES: list[tuple[str, Callable[[World], None], dict[str, object], list[object]]] = [
    ("all live", lambda world: None, {}, []),
    ("serf is cut off", serf_is_cut_off, {}, []),
    (
        "cut off", cut_off, {},
        [(MarkDown, "a", Reason.SILENT, Rule.DOWN)],
    ),
    (
        "cut off, ports are not asked", cut_off, {"probe": 0.0},
        [(MarkDown, "a", Reason.LEASE_GONE, Rule.DOWN)],
    ),
    (
        "its watch died", only_watch_died, {},
        [(Hold, "a", Reason.ANSWERS, Rule.WITNESS)],
    ),
    (
        "serf alone", serf_alone, {},
        [(Hold, "a", Reason.SERF_BUT_ANSWERS, Rule.WITNESS)],
    ),
    (
        "serf alone, ports are not asked", serf_alone, {"probe": 0.0},
        [(Hold, "a", Reason.SERF_BUT_LEASE, Rule.WITNESS)],
    ),
    (
        "serf alone is enough", serf_alone, {"witness": False},
        [(MarkDown, "a", Reason.SERF_ALONE, Rule.DOWN)],
    ),
    (
        "serf and silent ports", serf_and_silent, {},
        [(MarkDown, "a", Reason.SERF_AND_SILENT, Rule.DOWN)],
    ),
    (
        "serf and a proxy", serf_and_proxy, {},
        [(MarkDown, "a", Reason.SERF_AND_PROXY, Rule.DOWN)],
    ),
    ("serf's agent left, its watch did not", serf_left_but_leased, {}, []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("when", "brakes", "then"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_who_is_taken_out(
    when: Callable[[World], None], brakes: dict[str, object], then: list[object]
) -> None:
    world = three(**brakes)
    when(world)

    found = world.turn()

    assert [(type(v), v.name, v.reason, v.rule) for v in found] == then  # type: ignore[union-attr]
    assert world.turn() == ()


def test_one_that_was_cut_off_is_marked_and_no_reader_sees_it() -> None:
    world = three()
    before = dict(world.views)
    world.goes("a")

    world.turn()

    assert world.fleet.marks["a"].signal is Signal.LEASE_GONE
    gone = {"/services/web/a:web", "/cluster/main/10.0.0.1"}
    assert before.keys() - world.views.keys() == gone
    assert PATHS.node("a") in world.values
    assert PATHS.instance("a", "a:web") in world.values


def test_its_keys_are_back_when_it_is_back() -> None:
    world = three()
    before = dict(world.views)
    world.goes("a")
    world.turn()

    world.comes("a")

    assert world.turn() == (Lift("a", Signal.RETURNED, Reason.BACK),)
    assert world.views == before
    assert world.turn(5) == ()


def test_what_failed_its_checks_is_not_shown_when_its_node_is_back() -> None:
    world = three()
    world.instance("a", "app", "10.0.0.1", port=9000, health=Health.FAILING)
    before = dict(world.views)
    world.goes("a")
    world.turn()
    world.comes("a")
    world.turn()

    assert world.views == before


def test_one_that_answers_again_is_let_in_without_its_lease() -> None:
    world = three()
    world.goes("a")
    world.turn()

    world.silent.clear()

    assert world.turn(2) == (Lift("a", Signal.RETURNED, Reason.ANSWERS, Rule.WITNESS),)
    assert world.turn() == ()  # it was asked just now
    found = world.turn(2)
    assert [type(each) for each in found] == [Hold]


def test_what_is_held_is_let_go_when_it_is_back() -> None:
    world = three()
    world.goes("a", silent=False)
    world.turn()
    world.comes("a")

    assert world.turn() == (Release("a", Reason.BACK),)
    assert not world.fleet.held


def test_one_that_lost_its_lease_and_died_later_goes_within_a_second() -> None:
    world = three()
    world.goes("a", silent=False)
    world.turn()

    world.silent.add("a")

    assert [type(each) for each in world.turn(1)] == [MarkDown]
    assert not world.fleet.held


def test_a_silent_port_of_a_machine_that_answers_goes_alone() -> None:
    world = three()
    world.instance("a", "app", "10.0.0.1", port=9000)
    world.instance("b", "app", "10.0.0.2", port=9000)
    world.goes("a", silent=False)
    world.silent.add("a/a:app")

    found = world.turn()

    marks = [each for each in found if isinstance(each, MarkDown)]
    assert [(m.name, m.signal, m.reason) for m in marks] == [
        ("a/a:app", Signal.UNREACHABLE, Reason.PART_SILENT)
    ]
    assert "/services/app/a:app" not in world.views
    assert "/services/web/a:web" in world.views
    world.silent.clear()
    world.turn(2)
    assert "/services/app/a:app" in world.views


def test_who_writes_but_is_out_of_reach_cannot_let_itself_in() -> None:
    world = three()
    serf_and_silent(world)
    world.turn()

    assert world.fleet.marks["a"].until == world.now + world.brakes.keep_out
    found = world.turns(40)
    assert {type(each) for each in found} == {KeepOut}
    assert world.fleet.marks["a"].until > world.now

    world.members = {"a": "alive", "b": "alive", "c": "alive"}
    world.silent.clear()
    assert [type(each) for each in world.turn(1)] == [Lift]


def test_a_leader_whose_own_agent_sees_nobody_takes_nobody_out() -> None:
    world = three()
    world.members = {"a": "failed", "b": "failed", "c": "alive"}
    world.silent |= {"a", "b"}

    found = world.turn()

    assert {(type(each), each.rule) for each in found} == {(Hold, Rule.QUORUM)}


def test_a_mark_of_an_operator_stays_whatever_comes_and_goes() -> None:
    world = three()
    world.values[PATHS.mark("a")] = (
        '{"signal":"an operator\'s word","reason":"disk","since":1000000.0}'
    )
    del world.values["/services/web/a:web"], world.values["/cluster/main/10.0.0.1"]

    assert world.turn() == ()
    world.goes("a")
    assert world.turn(2) == ()
    world.comes("a")
    assert world.turn(2) == ()
    assert "/services/web/a:web" not in world.views


def test_the_events_tell_by_whom_and_why_in_a_chain() -> None:
    world = three()
    world.goes("a")
    world.turn()

    told = world.events()

    assert [each["kind"] for each in told] == [
        "node_suspected", "node_failed", "instance_withdrawn"
    ]  # fmt: skip
    suspected, failed, withdrawn = told
    assert (suspected["by"], failed["by"]) == ("lease", "leader")
    assert failed["cause"] == suspected["id"]
    assert withdrawn["cause"] == failed["id"]
    assert withdrawn["deleted"] == ["/services/web/a:web"]
    assert failed["reason"] == Reason.SILENT.value
