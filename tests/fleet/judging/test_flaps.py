"""Nodes that come and go are kept out for longer each time, visibly."""

import pytest

from bootstrapper.fleet.judging.damping import backoff, remembered, until
from bootstrapper.fleet.judging.verdicts import Admit, KeepOut, Lift, MarkDown, Reason, Repair
from bootstrapper.settings.fleet import Brakes
from support.fleet_world import World, three

BRAKES = Brakes()


@pytest.mark.parametrize(
    ("went", "seconds"),
    [
        pytest.param((), 0, id="never went"),
        pytest.param((1.0, 2.0), 0, id="twice"),
        pytest.param((1.0, 2.0, 3.0), 30, id="three times"),
        pytest.param((1.0, 100.0, 302.0), 0, id="three times, but not in five minutes"),
        pytest.param((1.0, 2.0, 3.0, 40.0), 60, id="once more doubles"),
        pytest.param(tuple(map(float, range(20))), 1800, id="no longer than the most"),
    ],
)
def test_how_long_it_stays_out(went: tuple[float, ...], seconds: float) -> None:
    assert backoff(went, BRAKES) == seconds
    assert until(went, BRAKES) == (went[-1] + seconds if seconds else 0)


def test_zero_flaps_turns_damping_off() -> None:
    assert backoff((1.0, 1.0, 1.0, 1.0), Brakes(flaps=0)) == 0


def test_calm_makes_it_forgotten() -> None:
    went = (1.0, 2.0, 3.0)

    assert remembered(went, 300.0, BRAKES) == (*went, 300.0)
    assert remembered(went, 334.0, BRAKES) == (334.0,)


def flap(world: World, times: int) -> None:
    for _ in range(times):
        world.goes("a")
        world.turn(2)
        world.comes("a")
        world.turn(2)


def test_a_clock_that_is_set_back_keeps_nobody_out_for_that_long() -> None:
    world = three()
    flap(world, 3)
    assert world.fleet.marks["a"].until == world.now + 28

    world.now -= 86_400

    assert [type(each) for each in world.turn(1)] == [Lift]
    assert "/services/web/a:web" in world.views
    assert world.turns(3) == []


def test_after_three_times_it_stays_out_though_it_is_back() -> None:
    world = three()
    flap(world, 2)
    assert "a" not in world.fleet.marks

    flap(world, 1)

    assert world.fleet.marks["a"].until == world.now + 28
    assert "/services/web/a:web" not in world.views
    assert world.turns(27) == []
    assert [type(each) for each in world.turn(1)] == [Lift]
    assert "/services/web/a:web" in world.views
    assert "node_kept_out" in [each["kind"] for each in world.events()]


def test_the_fourth_time_it_stays_out_twice_as_long() -> None:
    world = three()
    flap(world, 3)
    world.turns(30)

    flap(world, 1)

    assert world.fleet.marks["a"].until == world.now + 58


def test_too_few_left_let_it_in_early() -> None:
    world = World(share=1.0, hold_share=1.0)
    world.node("a", "web")
    world.node("b", "web")
    flap(world, 3)
    assert "a" in world.fleet.marks
    world.values.pop("/services/web/b:web")
    world.instance("b", "web", "10.0.0.2", port=8002)
    world.members = {"b": "left", "a": "alive"}
    world.goes("b")
    world.turn(1)

    found = world.turn(1)

    assert [(type(each), each.reason) for each in found] == [(Lift, Reason.FLOOR_LETS_IN)]
    assert world.turn(1) == ()


def test_one_that_an_operator_lets_in_stays_in() -> None:
    world = three()
    flap(world, 3)
    world.values.pop("/bootstrapper/fleet/marks/a")

    assert {type(each) for each in world.turns(30)} == {Repair}  # its keys come back
    assert "/services/web/a:web" in world.views


def test_one_that_leaves_and_joins_too_often_is_kept_out_too() -> None:
    world = three()
    world.instance("b", "frontend", "10.0.0.2", port=9000)
    world.members = dict.fromkeys("abc", "alive")
    for _ in range(3):
        world.says("s1", "member-join", "10.1.0.1")
        world.members["s1"] = "alive"
        world.turn(2)
        world.members["s1"] = "left"
        world.turn(2)
    world.says("s1", "member-join", "10.1.0.1")
    world.members["s1"] = "alive"
    world.values["/proxy/frontend/s1"] = "10.1.0.1:80"

    found = [*world.turn(1), *world.turn(1)]

    assert [type(each) for each in found] == [Admit, KeepOut]
    assert "/proxy/frontend/s1" not in world.views
    world.turns(30)
    assert "/proxy/frontend/s1" in world.views


def test_a_flapping_node_that_goes_again_is_still_one_that_is_marked() -> None:
    world = three()
    flap(world, 3)
    world.goes("a")

    assert not [each for each in world.turns(60) if isinstance(each, MarkDown)]
    world.comes("a")
    assert [type(each) for each in world.turn(1)] == [Lift]
