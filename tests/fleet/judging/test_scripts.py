"""Nodes that serf alone knows, whose keys scripts wrote, and keys that nothing explains."""

import msgspec

from bootstrapper.fleet.judging.verdicts import (
    Admit,
    Hold,
    Lift,
    MarkDown,
    Reason,
    Remove,
    Repair,
    Rule,
)
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.records import encode
from bootstrapper.fleet.values import Signal
from support.fleet_world import World, three

PATHS = Paths()
OWN = {
    "/proxy/frontend/s1": "10.1.0.1:8080",
    "/proxy/serf/s1": "10.1.0.1:7946",
    "/cluster/main/10.1.0.1": "member",
}


def with_script_node(**brakes: object) -> World:
    """a, b, c with a watch, and s1, s2, s3 with nothing but serf and a boot script."""
    world = three(**brakes)
    world.members = dict.fromkeys(("a", "b", "c", "s1", "s2", "s3"), "alive")
    for number in (1, 2, 3):
        world.says(f"s{number}", "member-join", f"10.1.0.{number}")
        world.values |= {
            key.replace("s1", f"s{number}").replace(".0.1", f".0.{number}"): value
            for key, value in OWN.items()
        }
    return world


def test_a_node_that_a_handler_told_of_is_registered() -> None:
    world = with_script_node()

    found = world.turn()

    assert {type(each) for each in found} == {Admit}
    assert world.fleet.nodes["s1"].source == "serf"
    assert world.fleet.nodes["s1"].address == "10.1.0.1"
    assert [each for each in world.turns(3) if not isinstance(each, Repair)] == []


def test_what_a_tag_says_of_a_cluster_is_taken_if_it_is_a_name() -> None:
    world = with_script_node()
    for name, cluster in (("s1", "main"), ("s2", "a/b"), ("s3", "x\n  server evil")):
        said = world.fleet.said[name]
        told = msgspec.structs.replace(said, tags={"cluster": cluster}, role=cluster)
        world.values[PATHS.said(name)] = encode(told)

    world.turn()

    nodes = [world.fleet.nodes[name] for name in ("s1", "s2", "s3")]
    assert [(each.cluster, each.role) for each in nodes] == [("main", "main"), ("", ""), ("", "")]


def test_serf_and_silent_ports_take_its_keys_away_and_its_return_brings_them_back() -> None:
    world = with_script_node()
    world.turn()
    assert world.members is not None
    world.members["s1"] = "failed"
    world.silent.add("s1")

    found = world.turn(1)

    assert [(type(each), each.reason) for each in found] == [(MarkDown, Reason.SERF_AND_SILENT)]
    assert not OWN.keys() & world.views.keys()
    assert world.turn() == ()
    world.members["s1"] = "alive"
    found = world.turn(5)
    assert [type(each) for each in found] == [Lift]
    assert {key: world.views[key] for key in OWN} == OWN


def test_serf_alone_takes_nothing_away() -> None:
    world = with_script_node()
    world.turn()
    assert world.members is not None
    world.members["s1"] = "failed"

    assert [type(each) for each in world.turn(1)] == [Hold]
    assert OWN.items() <= world.views.items()


def test_it_registered_again_before_its_mark_went_and_its_new_key_stays() -> None:
    world = with_script_node()
    world.turn()
    assert world.members is not None
    world.members["s1"] = "failed"
    world.silent.add("s1")
    world.turn(1)
    world.values["/proxy/frontend/s1"] = "10.1.0.1:9999"
    world.members["s1"] = "alive"
    world.silent.clear()

    world.turn(5)

    assert world.views["/proxy/frontend/s1"] == "10.1.0.1:9999"
    assert world.views["/proxy/serf/s1"] == OWN["/proxy/serf/s1"]


def test_who_left_is_deleted_at_once_with_its_keys() -> None:
    world = with_script_node()
    world.turn()
    assert world.members is not None
    world.members["s1"] = "left"

    found = world.turn(1)

    assert found == (Remove("s1", Signal.LEFT, Reason.LEFT, Rule.CERTAIN),)
    assert not OWN.keys() & world.views.keys()
    assert "s1" not in world.fleet.said
    assert world.turns(3) == []


def test_without_an_agent_of_its_own_the_handlers_words_count() -> None:
    world = with_script_node()
    world.members = None
    world.turn()
    world.says("s1", "member-failed", "10.1.0.1")
    world.silent.add("s1")

    assert [type(each) for each in world.turn(1)] == [MarkDown]
    world.says("s2", "member-leave", "10.1.0.2")
    assert [type(each) for each in world.turn(1)] == [Remove]


def test_the_floor_counts_what_scripts_wrote() -> None:
    world = with_script_node(floors={"frontend": 3})
    world.turn()
    assert world.members is not None
    world.members["s1"] = "failed"
    world.silent.add("s1")

    assert [(type(each), each.rule) for each in world.turn(1)] == [(Hold, Rule.FLOOR)]


def test_a_foreign_key_of_an_unknown_host_is_nobodys_to_touch() -> None:
    world = three()
    foreign = {
        "/services/web/strange": "10.7.7.7:1",
        "/services/web/elsewhere:web:80": "10.7.7.7:1",
        "/proxy/frontend/unknown": "10.7.7.7:1",
        "/proxy/other/a": "not of a layout's services",
        "/cluster/main/10.7.7.7": "member",
    }
    world.values |= foreign

    assert world.turns(10) == []
    assert foreign.items() <= world.views.items()


def test_a_key_that_comes_late_for_a_node_that_was_removed_goes() -> None:
    world = with_script_node()
    world.turn()
    assert world.members is not None
    world.members["s1"] = "left"
    world.turn(1)
    del world.members["s1"]
    world.values["/proxy/frontend/s1"] = "10.1.0.1:8080"
    world.values["/services/web/s1:web:80"] = "10.1.0.1:8080"

    found = world.turn(1)

    assert [(type(each), each.reason) for each in found] == [(Repair, Reason.ORPHAN)]
    assert not [key for key in world.views if "s1" in key]


def test_a_key_of_a_living_instance_that_is_missing_or_wrong_is_put_right_after_a_second() -> None:
    world = three()
    before = dict(world.views)
    del world.values["/services/web/a:web"]
    world.values["/services/web/b:web"] = "nonsense"

    assert world.turn() == ()  # its owner may be about to
    found = world.turn(1)

    assert [type(each) for each in found] == [Repair, Repair]
    assert world.views == before
    assert world.turns(3) == []


def test_a_key_of_one_that_is_out_goes_again() -> None:
    world = three()
    world.goes("a")
    world.turn()
    world.values["/services/web/a:web"] = "10.0.0.1:8001"

    world.turn()
    world.turn(1)

    assert "/services/web/a:web" not in world.views


def test_a_key_that_two_show_stays_with_the_one_that_lives() -> None:
    world = three()
    world.instance("a", "frontend", "10.0.0.1", port=9001)
    key = world.instance("b", "frontend", "10.0.0.2", port=9002)
    record = world.values[PATHS.instance("b", "b:frontend")]
    shared = record.replace('"host":"b"', '"host":"a"').replace(
        "/proxy/frontend/b", "/proxy/frontend/a"
    )
    world.values[PATHS.instance("b", "b:frontend")] = shared
    world.values.pop("/proxy/frontend/b")
    assert key == "b/b:frontend"
    assert world.views["/proxy/frontend/a"] == "10.0.0.1:9001"
    world.goes("a")

    world.turn()

    assert world.views["/proxy/frontend/a"] == "10.0.0.2:9002"
    assert "/services/frontend/a:frontend" not in world.views
    assert world.turns(3) == []


def test_said_of_one_that_has_nothing_here_is_forgotten_in_time() -> None:
    world = three(down_for=60.0)
    world.says("ghost", "member-failed")

    assert world.turns(59) == []
    world.turns(2)
    assert "ghost" not in world.fleet.said
    assert world.events() == []


def test_what_is_held_or_marked_of_nobody_is_let_go() -> None:
    world = three()
    world.goes("a", "b")
    world.turn()
    for key in [key for key in world.values if "/a" in key.replace("/alive", "")]:
        if "/marks/" not in key and "/held/" not in key and "/events/" not in key:
            del world.values[key]
    assert world.fleet.held.keys() & {"a"} or world.fleet.marks.keys() & {"a"}

    world.turns(3)

    assert not world.fleet.held.keys() & {"a"}
    assert not world.fleet.marks.keys() & {"a"}


def test_what_a_script_registered_where_no_watch_runs_is_nobodys_to_judge() -> None:
    world = three()
    world.instance("s1", "web", "10.1.0.1", port=80, source="api")
    world.silent.add("s1")

    assert [each for each in world.turns(30) if not isinstance(each, Repair)] == []
    assert not world.fleet.held
    assert "/services/web/s1:web" in world.views


def test_a_proxy_that_sees_its_servers_down_is_a_second_witness() -> None:
    world = with_script_node(probe=0.0)
    world.turn()
    assert world.members is not None
    world.members["s1"] = "failed"
    world.turn(1)
    assert OWN.items() <= world.views.items()

    world.down = frozenset({"/proxy/frontend/s1"})  # it knows nothing of the other

    assert [(type(v), v.reason) for v in world.turn(1)] == [(MarkDown, Reason.SERF_AND_PROXY)]
