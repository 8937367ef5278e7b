"""Whatever happens to a fleet, in whatever order: what always holds of the judge."""

from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from bootstrapper.fleet.judging.brakes import removals
from bootstrapper.fleet.judging.seen import Removal
from bootstrapper.fleet.judging.verdicts import MarkDown, Verdict
from support.fleet_world import World

NODES = tuple("abcdefghij")
WINDOW, SHARE, FLOOR = 60.0, 0.2, 2
happening = st.tuples(
    st.sampled_from(("goes", "comes", "watch dies", "serf fails", "serf sees", "leaves", "time")),
    st.sampled_from(NODES),
    st.sampled_from((0.0, 0.5, 1.0, 3.0, 20.0)),
)
stories = st.lists(happening, max_size=25)


def fleet() -> World:
    """Ten nodes with a copy of web, half of them with two of app besides."""
    world = World(window=WINDOW, share=SHARE, min_instances=FLOOR, down_for=120.0)
    for number, name in enumerate(NODES):
        world.node(name, "web", cluster="one" if number % 2 else "two")
        if number % 2:
            world.instance(name, "app", f"10.0.0.{number + 1}", port=9000)
            world.instance(name, "app", f"10.0.0.{number + 1}", port=9001, suffix="2")
    world.members = dict.fromkeys(NODES, "alive")
    return world


def happens(world: World, what: str, node: str) -> None:
    assert world.members is not None
    if node not in world.fleet.nodes:
        return
    match what:
        case "goes":
            world.goes(node)
        case "comes":
            world.comes(node)
            world.members[node] = "alive"
        case "watch dies":
            world.goes(node, silent=False)
        case "serf fails":
            world.members[node] = "failed"
        case "serf sees":
            world.members[node] = "alive"
        case "leaves":
            world.members[node] = "left"


def guessed(verdicts: tuple[Verdict, ...], world: World) -> list[Removal]:
    return [
        each for verdict in verdicts if isinstance(verdict, MarkDown) and verdict.signal.guess
        for each in removals(verdict.takes, world.moment)
    ]  # fmt: skip


def serving(world: World) -> dict[str, int]:
    fleet = world.fleet
    found: dict[str, int] = defaultdict(int)
    for each in fleet.instances.values():
        found[each.service] += fleet.serves(each)
    return found


@settings(max_examples=60, deadline=None)
@given(stories)
def test_guesses_stay_within_the_brake_and_above_the_floor(
    story: list[tuple[str, str, float]],
) -> None:
    world, gone = fleet(), list[Removal]()
    for what, node, seconds in story:
        happens(world, what, node)
        before = serving(world)
        sizes = {s: sum(i.service == s for i in world.fleet.instances.values()) for s in before}
        new = guessed(world.turn(seconds), world)
        gone += new
        for service in {each.service for each in new}:
            within = {
                each.name for each in gone
                if each.service == service and each.at > world.moment - WINDOW
            }  # fmt: skip
            assert len(within) <= max(1, int(SHARE * sizes[service] + 1e-9))
            left = before[service] - sum(each.service == service for each in new)
            assert left >= FLOOR


@settings(max_examples=60, deadline=None)
@given(stories)
def test_what_was_judged_and_done_needs_no_more_doing(story: list[tuple[str, str, float]]) -> None:
    world = fleet()
    for what, node, seconds in story:
        happens(world, what, node)
        world.turn(seconds)

        again = world.turn()

        assert again == ()


@settings(max_examples=40, deadline=None)
@given(stories)
def test_when_all_is_well_again_everything_is_shown_and_nothing_is_done(
    story: list[tuple[str, str, float]],
) -> None:
    world = fleet()
    for what, node, seconds in story:
        happens(world, what, node)
        world.turn(seconds)
    there = [name for name in NODES if name in world.fleet.nodes]
    for name in there:
        happens(world, "comes", name)

    world.turns(10)
    world.turns(10)
    world.turn(2_000)  # whatever was kept out may come back
    world.turn(1)

    assert world.turns(2) == []
    assert not world.fleet.marks
    assert not world.fleet.held
    shown = {key for each in world.fleet.instances.values() for key in each.keys}
    shown |= {key for each in world.fleet.nodes.values() for key in each.keys}
    assert set(world.views) == shown
    assert {each.node for each in world.fleet.instances.values()} == set(there)
