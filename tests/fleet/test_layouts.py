"""How instances look to those who read the keys, in the three known layouts and in one's own."""

import pytest

from bootstrapper.errors import Mistake
from bootstrapper.fleet.layouts import PRESETS, Layout, host_of, published, published_node, readable
from bootstrapper.fleet.values import Health, Instance, Node

WEB = Instance(
    service="web", id="web-1", node="n1", address="10.0.0.7", port=8080, since=1.0, host="c0ffee",
    tags=("blue", "eu"),
)  # fmt: skip
FRONT = Instance(
    service="frontend", id="n1:c0ffee:80", node="n1", address="10.0.0.7", port=49153, since=1.0,
    host="c0ffee",
)  # fmt: skip
NODE = Node(name="n1", address="10.0.0.7", since=1.0, cluster="blue")
JSON = Layout(key="/json/{service}/{id}", value="json", unhealthy="keep")


@pytest.mark.parametrize(
    ("layouts", "instance", "keys"),
    [
        (PRESETS["services"], WEB, {"/services/web/web-1": "10.0.0.7:8080"}),
        (PRESETS["2015"], WEB, {}),
        (PRESETS["2015"], FRONT, {"/proxy/frontend/c0ffee": "10.0.0.7:49153"}),
        (PRESETS["registrator"], FRONT, {"/frontend/n1:c0ffee:80": "10.0.0.7:49153"}),
        ((Layout(key="/x/{cluster}/{id}"),), WEB, {}),
        (
            (Layout(key="/x/{id}", value="{address}:{port} {weight} {tags}"),),
            WEB,
            {"/x/web-1": "10.0.0.7:8080 100 blue,eu"},
        ),
    ],
)
def test_what_gets_traffic_is_shown(
    layouts: tuple[Layout, ...], instance: Instance, keys: dict[str, str]
) -> None:
    assert published(layouts, instance, serves=True) == keys
    assert published(layouts, instance, serves=False) == {}


def test_a_layout_may_keep_what_gets_no_traffic() -> None:
    shown = published((JSON,), WEB, serves=False)["/json/web/web-1"]
    assert '"weight":0' in shown
    assert f'"health":"{Health.DRAINING.value}"' in shown
    assert '"tags":["blue","eu"]' in shown


def test_an_ipv6_address_has_brackets_before_a_port() -> None:
    six = Instance(service="web", id="w", node="n1", address="fd00::1", port=80, since=1.0)
    assert published(PRESETS["services"], six, serves=True) == {"/services/web/w": "[fd00::1]:80"}


def test_a_node_is_a_member_of_its_cluster() -> None:
    assert published_node(PRESETS["2015"], NODE, alive=True) == {"/cluster/blue/10.0.0.7": "member"}
    assert published_node(PRESETS["2015"], NODE, alive=False) == {}


@pytest.mark.parametrize(
    ("key", "host"),
    [
        ("/proxy/frontend/web1", "web1"),
        ("/proxy/serf-rpc/web1", "web1"),
        ("/proxy/frontend/web1/more", None),
        ("/cluster/blue/10.0.0.7", None),
        ("/services/web/web-1", None),
    ],
)
def test_a_foreign_key_is_of_the_host_it_names(key: str, host: str | None) -> None:
    assert host_of(PRESETS["2015"], key) == host


@pytest.mark.parametrize("key", ["/x/{nobody}", "x/{id}"])
def test_a_broken_layout_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=r"nobody|begin"):
        Layout(key=key)


def test_a_value_of_two_parts_breaks_no_key() -> None:
    two = Instance(service="web", id="w", node="n1", address="h", port=80, since=1.0, cluster="a/b")
    with pytest.raises(Mistake, match="two parts"):
        published((Layout(key="/x/{cluster}"),), two, serves=True)


def test_a_broken_key_stops_nobody_who_keeps_the_others() -> None:
    two = Instance(service="web", id="w", node="n1", address="h", port=80, since=1.0, tags=("a/b",))

    assert readable((Layout(key="/x/{tags}/{id}"),), two, serves=True) == {}


def test_no_reader_sees_a_key_where_our_own_are() -> None:
    layouts = (Layout(key="/{service}/{id}"),)
    ours = Instance(service="bootstrapper", id="leader", node="n1", address="h", port=80, since=1.0)

    with pytest.raises(Mistake, match="is ours"):
        published(layouts, ours, serves=True)
