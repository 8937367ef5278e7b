"""The members of a cluster as names, lines of a template, and Ansible's inventory."""

import pytest

from bootstrapper.errors import Mistake
from bootstrapper.fleet.members import inventory, members, plain, templated
from bootstrapper.fleet.values import Fleet, Health, Instance, Mark, Node, Signal


def instance(node: str, name: str, service: str = "mqtt", **more: object) -> Instance:
    fields = {"service": service, "id": name, "node": node, "address": "10.0.1.1", "port": 1883}
    return Instance(**fields, since=1.0, **more)  # type: ignore[arg-type]


NODES = {
    "mq-1": Node(name="mq-1", address="10.0.0.1", since=1.0, cluster="mq", role="a b"),
    "mq-2": Node(name="mq-2", address="fd00::2", since=1.0, cluster="mq", source="serf"),
    "web-1": Node(name="web-1", address="10.0.0.3", since=1.0, cluster="web"),
    "web-2": Node(name="web-2", address="10.0.0.4", since=1.0),
}
INSTANCES = [
    instance("mq-1", "m1"),
    instance("mq-1", "m2", health=Health.FAILING),
    instance("mq-2", "m3"),
]
FLEET = Fleet(
    nodes=NODES, instances={each.key: each for each in INSTANCES},
    alive={"mq-1": "x", "web-1": "x", "web-2": "x"},
    marks={"web-1": Mark(signal=Signal.OPERATOR, reason="", since=1.0)},
)  # fmt: skip


def test_only_the_living_unless_all_are_asked_for() -> None:
    names = [node.name for node in members(FLEET, "", everybody=False)]

    assert names == ["mq-1", "mq-2", "web-2"], "a member that serf knows needs no lease"
    assert len(members(FLEET, "", everybody=True)) == 4
    assert plain(members(FLEET, "mq", everybody=False)) == "10.0.0.1\nfd00::2\n"


@pytest.mark.parametrize(
    ("template", "service", "everybody", "lines"),
    [
        ("{name}", "", False, ["mq-1", "mq-2"]),
        ("VerneMQ@{ip}", "", False, ["VerneMQ@10.0.0.1", "VerneMQ@fd00::2"]),
        ("{name} {id} {address}:{port}", "", False,
         ["mq-1 m1 10.0.1.1:1883", "mq-2 m3 10.0.1.1:1883"]),
        ("{id}", "mqtt", True, ["m1", "m2", "m3"]),
        ("{id}", "http", True, []),
    ],
)  # fmt: skip
def test_a_template_makes_a_line_for_each(
    template: str, service: str, everybody: bool, lines: list[str]
) -> None:
    nodes = members(FLEET, "mq", everybody=everybody)

    assert templated(FLEET, nodes, template, service, everybody=everybody).splitlines() == lines


def test_which_service_must_be_said_where_there_are_several() -> None:
    more = {**FLEET.instances, "mq-1/h1": instance("mq-1", "h1", "http")}
    fleet = Fleet(nodes=NODES, instances=more, alive=FLEET.alive)

    with pytest.raises(Mistake, match="http, mqtt"):
        templated(fleet, members(fleet, "mq", everybody=False), "{port}", "", everybody=False)


def test_ansibles_groups_have_names_that_it_takes() -> None:
    made = inventory(FLEET, members(FLEET, "", everybody=False))

    assert made["role_a_b"] == {"hosts": ["mq-1"]}
    assert made["service_mqtt"] == {"hosts": ["mq-1", "mq-2"]}
    assert made["ungrouped"] == {"hosts": ["web-2"]}
    assert made["_meta"]["hostvars"]["mq-2"]["bootstrapper_services"] == ["mqtt"]
