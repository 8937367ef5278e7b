"""Records of another version, of a script gone wrong, or of nobody: the judge goes on."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bootstrapper.fleet.paths import Paths
from support.fleet_world import World, three

PATHS = Paths()
NAMES = ("a", "b", "c", "x", "a/a:web", "b/a:web", "x/y", "", "a/", "/a", "a/b/c", "%2F", "%ff")
FOLDERS = ("nodes/", "instances/", "alive/", "marks/", "held/", "flaps/", "said/", "offers/")
OTHERS = ("withdrawn/", "events/", "leader/", "new/")
ODD = ("", "null", "[]", "{}", "[1e308]", "[-1e308,1e308,1]", "1", "\udcff", "\x00", "web", "[9e9]")
READERS = ("/services/web/a:web", "/services/web/zz", "/services/web/a:x:1", "/proxy/frontend/b",
           "/cluster/main/10.0.0.1", "/services/\udcff/a:\udcff", "/proxy/serf/x")  # fmt: skip
VALUES = ("", "\udcff", "10.0.0.1:80", "a..b:80", "x" * 300 + ":1", "[::1]:80", "\x00:1", "h:99999")


def odd_world(data: st.DataObject) -> World:
    """A fleet of three, of which anything may be overwritten, also by a record of another."""
    world = three()
    world.members = {name: data.draw(st.sampled_from(("alive", "failed", "left", "odd")))
                     for name in data.draw(st.lists(st.sampled_from(NAMES)))}  # fmt: skip
    world.goes(*data.draw(st.lists(st.sampled_from(("a", "b", "c")), max_size=2)))
    world.turn()
    good = sorted(value for key, value in world.values.items() if key.startswith(PATHS.prefix))
    for _ in range(data.draw(st.integers(1, 8))):
        folder = data.draw(st.sampled_from(FOLDERS + OTHERS))
        key = f"{PATHS.prefix}{folder}{data.draw(st.sampled_from(NAMES))}"
        world.values[key] = data.draw(st.sampled_from(ODD) | st.sampled_from(good))
    for _ in range(data.draw(st.integers(0, 3))):
        world.values[data.draw(st.sampled_from(READERS))] = data.draw(st.sampled_from(VALUES))
    return world


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_nothing_that_stands_in_the_store_stops_the_judge(data: st.DataObject) -> None:
    world = odd_world(data)
    for _ in range(3):
        world.turn(11)


def test_flaps_without_a_time_and_records_under_anothers_name_are_passed_over() -> None:
    world = three()
    world.values[PATHS.flaps("a")] = "[]"
    world.values[PATHS.node("x")] = world.values[PATHS.node("a")]
    world.values[PATHS.instance("b", "x")] = world.values[PATHS.instance("a", "a:web")]
    assert world.turn() == ()
    assert sorted(world.fleet.nodes) == ["a", "b", "c"]
    assert sorted(world.fleet.instances) == ["a/a:web", "b/b:web", "c/c:web"]


def test_keys_of_any_bytes_are_withdrawn_and_come_back_as_they_were() -> None:
    world = three()
    world.members = dict.fromkeys(("a", "b", "c", "s", "s2", "s3"), "alive")
    for number, name in enumerate(("s", "s2", "s3"), 1):
        world.says(name, "member-join", f"10.1.0.{number}")
        world.values[f"/proxy/frontend/{name}"] = f"10.1.0.{number}:80"
    odd = {"/proxy/frontend/s": "10.1.0.1:80", "/cluster/ma\udcffin/10.1.0.1": "m\udcffber"}
    world.values |= odd
    world.turns(2)
    world.members["s"] = "failed"
    world.silent.add("s")
    world.turns(3)
    assert not odd.keys() & world.views.keys()
    world.members["s"] = "alive"
    world.silent.clear()
    world.turns(3)
    assert odd.items() <= world.views.items()
