"""Given a fleet, when much of it seems to fail, then no more is removed by guess than may be."""

import pytest

from bootstrapper.fleet.judging.verdicts import Hold, MarkDown, Reason, Release, Remove, Rule
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.records import decode, encode
from bootstrapper.fleet.values import Held, Signal
from support.fleet_world import World, many, three

PATHS = Paths()


def marked(world: World) -> set[str]:
    return set(world.fleet.marks)


def rules(world: World) -> dict[str, str]:
    return {name: held.rule for name, held in world.fleet.held.items()}


def answer(world: World, name: str, word: str) -> None:
    held = decode(world.values[PATHS.held(name)], Held)
    told = {**{f: getattr(held, f) for f in held.__struct_fields__}, "answer": word, "by": "ann"}
    world.values[PATHS.held(name)] = encode(Held(**told))


@pytest.mark.parametrize(
    ("instances", "share", "fail", "removed"),
    [
        pytest.param(10, 0.2, 3, 2, id="a fifth of ten"),
        pytest.param(3, 0.2, 1, 1, id="at least one"),
        pytest.param(4, 0.2, 1, 1, id="one of four"),
        pytest.param(15, 0.2, 5, 3, id="no less by arithmetic of floats"),
        pytest.param(10, 0.0, 2, 1, id="a share of nothing is still one"),
        pytest.param(10, 1.0, 3, 3, id="no brake"),
    ],
)
def test_the_brake_lets_a_share_through(
    instances: int, share: float, fail: int, removed: int
) -> None:
    world = many(instances, share=share)
    world.goes(*[f"n{number:02}" for number in range(fail)])

    world.turn()

    assert len(marked(world)) == removed
    assert set(rules(world).values()) <= {Rule.BRAKE.value}
    assert len(rules(world)) == fail - removed


def test_what_the_brake_held_goes_when_the_window_is_over() -> None:
    world = many(10)
    world.goes("n00", "n01", "n02")
    world.turns(59)

    assert len(marked(world)) == 2
    world.turns(4)
    assert marked(world) == {"n00", "n01", "n02"}
    assert not world.fleet.held


def test_the_one_that_went_first_is_taken_out_first() -> None:
    world = many(5, hold_share=1.0, learn=10.0)
    world.memory = type(world.memory)(began=world.moment)
    world.goes("n03")
    world.turn()
    world.goes("n01")
    world.turn(1)

    world.turn(10)

    assert marked(world) == {"n03"}


def test_what_is_certain_is_not_braked() -> None:
    world = many(10)
    names = [f"n{number:02}" for number in range(9)]
    world.members = dict.fromkeys(names, "left") | {"n09": "alive"}
    world.goes(*names)

    found = world.turn()

    assert {(type(each), each.signal) for each in found} == {(Remove, Signal.LEFT)}
    assert set(world.fleet.nodes) == {"n09"}
    assert set(world.views) == {"/services/web/n09:web", "/cluster/main/10.0.0.10"}


@pytest.mark.parametrize(
    ("brakes", "removed"),
    [
        pytest.param({}, 1, id="one stays by default"),
        pytest.param({"min_instances": 2}, 0, id="two must stay"),
        pytest.param({"min_instances": 0}, 2, id="none need stay"),
        pytest.param({"min_instances": 0, "floors": {"web": 2}}, 0, id="of this service two"),
        pytest.param({"min_instances": 2, "floors": {"web": 1}}, 1, id="of this service one"),
    ],
)
def test_guesses_stop_at_the_floor(brakes: dict[str, object], removed: int) -> None:
    world = World(share=1.0, hold_share=1.0, quorum=0.0, **brakes)
    for name in ("a", "b"):
        world.node(name, "web", cluster=name)  # each a cluster of its own
    world.goes("a", "b")

    world.turn()

    assert len(marked(world)) == removed
    assert list(rules(world).values()) == [Rule.FLOOR.value] * (2 - removed)


def test_a_node_of_which_only_a_part_may_go_goes_in_part() -> None:
    world = three()
    world.instance("a", "web", "10.0.0.1", port=9001, suffix="2")
    world.instance("a", "app", "10.0.0.1", port=9002)
    world.goes("a")

    world.turn()

    assert marked(world) == {"a/a:web"}
    assert rules(world) == {"a": Rule.FLOOR.value}  # of app, one must stay
    assert "/services/web/a:web" not in world.views
    assert {"/services/web/a:web2", "/services/app/a:app"} <= set(world.views)
    world.comes("a")
    world.turn()
    assert not marked(world)
    assert not world.fleet.held
    assert "/services/web/a:web" in world.views


def test_when_much_of_a_cluster_fails_at_once_guesses_are_held() -> None:
    world = many(10)
    gone = ["n00", "n01", "n02", "n03"]
    world.goes(*gone)

    world.turn()

    assert not marked(world)
    assert rules(world) == dict.fromkeys(gone, Rule.SELF_PRESERVATION.value)


def test_held_by_self_preservation_they_stay_held_until_they_return() -> None:
    world = many(10)
    gone = ["n00", "n01", "n02", "n03"]
    world.goes(*gone)
    assert {type(each) for each in world.turns(300)} == {Hold}
    assert len(world.events()) == 8  # each suspected and held, told once

    world.comes(*gone)

    assert {type(each) for each in world.turn()} == {Release}
    assert world.turn() == ()


def test_failures_that_come_one_after_the_other_within_a_window_count_together() -> None:
    world = many(10)
    for number in range(5):
        world.goes(f"n{number:02}")
        world.turns(5)

    assert marked(world) == {"n00", "n01"}
    assert set(rules(world)) == {"n02", "n03", "n04"}
    world.turns(20)
    assert set(rules(world).values()) == {Rule.SELF_PRESERVATION.value}


def test_one_of_two_nodes_is_one_that_failed() -> None:
    world = World()
    world.node("a", "web")
    world.node("b", "web")
    world.goes("a")

    assert [type(each) for each in world.turn()] == [MarkDown]


def test_another_cluster_is_not_held_with_it() -> None:
    world = many(10)
    for name in ("x", "y", "z"):
        world.node(name, "app", cluster="other")
    world.goes("n00", "n01", "n02", "n03", "x")

    world.turn()

    assert marked(world) == {"x"}


def test_a_side_that_sees_less_than_half_alive_takes_nobody_out() -> None:
    world = many(10)
    gone = [f"n{number:02}" for number in range(6)]
    world.goes(*gone)

    assert {(type(each), each.rule) for each in world.turn()} == {(Hold, Rule.QUORUM)}
    assert not marked(world)


def test_a_side_that_sees_half_alive_may_act() -> None:
    world = many(10, hold_share=1.0)
    world.goes(*[f"n{number:02}" for number in range(5)])

    world.turn()

    assert len(marked(world)) == 2


def test_watches_that_died_where_services_answer_do_not_cost_the_quorum() -> None:
    world = many(10)
    world.goes(*[f"n{number:02}" for number in range(8)], silent=False)
    world.goes("n09")

    world.turn()

    assert marked(world) == {"n09"}


def test_nor_when_they_were_asked_just_before() -> None:
    world = many(10)
    world.goes(*[f"n{number:02}" for number in range(8)], silent=False)
    world.turn()
    world.goes("n09")

    world.turn(0.1)

    assert marked(world) == {"n09"}


def test_who_began_a_moment_ago_learns_first() -> None:
    world = many(10, learn=5.0)
    world.memory = type(world.memory)(began=world.moment)
    world.goes("n00")

    assert world.turns(4) == []
    assert [type(each) for each in world.turn(1)] == [MarkDown]


def test_what_an_operator_confirms_is_removed_even_without_a_quorum() -> None:
    world = many(10)
    gone = [f"n{number:02}" for number in range(6)]
    world.goes(*gone)
    world.turn()

    answer(world, "n00", "confirmed")

    assert world.turn() == (Remove("n00", Signal.OPERATOR, Reason.CONFIRMED, Rule.OPERATOR),)
    assert "n00" not in world.fleet.nodes
    assert "/services/web/n00:web" not in world.views


def test_what_an_operator_refuses_is_kept_until_it_returns() -> None:
    world = three()
    world.goes("a", "b")
    world.turn()
    held = next(iter(world.fleet.held))
    answer(world, held, "refused")
    world.members = {"a": "failed", "b": "failed", "c": "alive"}

    assert [each for each in world.turns(300) if getattr(each, "name", "") == held] == []
    assert held not in marked(world)

    world.comes("a", "b")
    world.members = None
    world.turn()
    assert not world.fleet.held


def test_a_confirmation_of_one_that_is_back_removes_nothing() -> None:
    world = three()
    world.goes("a", "b")
    world.turn()
    held = next(iter(world.fleet.held))
    answer(world, held, "confirmed")
    world.comes("a", "b")

    assert {type(each) for each in world.turn()} == {Release}


def test_one_that_is_down_for_long_is_deleted() -> None:
    world = three(down_for=600.0)
    world.goes("a")
    world.turns(599)
    assert "a" in world.fleet.nodes

    world.turns(4)

    assert "a" not in world.fleet.nodes
    left = {key for key in world.values if "/events/" not in key}
    own = {key for key in left if key.rpartition("/")[2].partition(":")[0] == "a"}
    assert own == set()
    assert world.turns(5) == []


def test_the_lack_of_a_quorum_does_not_end_self_preservation() -> None:
    world = many(10)
    gone = ["n00", "n01", "n02", "n03"]
    world.goes(*gone)
    world.turn()
    world.goes("n04", "n05")
    world.turns(20)
    world.comes("n04", "n05")
    world.turns(100)

    assert rules(world) == dict.fromkeys(gone, Rule.SELF_PRESERVATION.value)
