"""Where a container is reached, and the front door of 2015."""

from typing import Any

import pytest

from bootstrapper.fleet.docker.offers import offers_of
from bootstrapper.fleet.docker.places import Ways
from fleet.docker.inspections import INTERNAL, TWO, WAYS, inspected, published, shown


def bound(*bindings: dict[str, str]) -> Any:
    return inspected({"80/tcp": list(bindings)})


NET = {"front": {"IPAddress": "10.9.0.3"}, "back": {"IPAddress": "10.8.0.3"}}
SIX = Ways(node="node1", address="fd00::5")
PLACES: list[tuple[Any, Ways, list[str]]] = [
    # what is inspected, the ways, where it is offered
    (bound(published(8000)), WAYS, ["10.0.0.5:8000"]),
    (bound(published(8000, "")), WAYS, ["10.0.0.5:8000"]),
    (bound(published(8001, "::"), published(8000)), WAYS, ["10.0.0.5:8000"]),
    (bound(published(8000), published(8001, "::")), SIX, ["fd00::5:8001"]),
    (bound(published(8001, "::")), WAYS, ["10.0.0.5:8001"]),
    (bound(published(8000, "192.0.2.9")), WAYS, ["192.0.2.9:8000"]),
    (bound(published(8000, "127.0.0.1")), WAYS, ["127.0.0.1:8000"]),
    (bound(published(8000, "127.0.0.1"), published(8001)), WAYS, ["10.0.0.5:8001"]),
    (bound(published(8000, "2001:db8::9")), WAYS, ["2001:db8::9:8000"]),
    (bound({"HostIp": "0.0.0.0", "HostPort": ""}), WAYS, []),
    (bound(), WAYS, []),
    # a network of one's own: what is published is the node's
    (inspected({"80/tcp": 8000}, mode="front", networks=NET), WAYS, ["10.0.0.5:8000"]),
    (inspected({"80/tcp": 8000}, mode="front", networks=NET), INTERNAL, ["10.9.0.3:80"]),
    (inspected({"80/tcp": None}, mode="gone", networks=NET), INTERNAL, ["10.8.0.3:80"]),
    (inspected({"80/tcp": 8000}), INTERNAL, ["172.17.0.2:80"]),
    (inspected({"80/tcp": None}), INTERNAL, ["172.17.0.2:80"]),
    (inspected({"80/tcp": None}, ip=""), INTERNAL, []),
    (
        inspected({"80/tcp": None}, networks={"bridge": {"GlobalIPv6Address": "fd01::2"}}),
        INTERNAL,
        ["fd01::2:80"],
    ),
    (inspected({"80/tcp": None}, networks={"bridge": None}), INTERNAL, []),
    # the host's network: what is exposed is there
    (inspected(exposed=("80/tcp",), mode="host"), WAYS, ["10.0.0.5:80"]),
    (inspected(exposed=("80/tcp",), mode="host"), INTERNAL, ["10.0.0.5:80"]),
    (inspected(exposed=("80/tcp",), mode="none", networks={}), WAYS, []),
    (inspected(exposed=("80/tcp",), mode="none", networks={}), INTERNAL, []),
    (inspected(exposed=("80/tcp",)), WAYS, []),
    (inspected(exposed=("0/tcp", "99999/tcp", "x/tcp"), mode="host"), WAYS, []),
]


@pytest.mark.parametrize(("container", "ways", "expected"), PLACES)
def test_where_it_is_reached(container: Any, ways: Ways, expected: list[str]) -> None:
    offers = offers_of(container, ways).offers.values()

    assert [f"{offer.address}:{offer.port}" for offer in offers] == expected


def test_one_that_uses_anothers_network_is_reached_there() -> None:
    lender = inspected({"80/tcp": 8000, "81/tcp": None}, container="b" * 64)
    mode = f"container:{'b' * 64}"
    borrower = inspected(exposed=("80/tcp", "81/tcp"), mode=mode, name="/side", networks={})

    assert shown(offers_of(borrower, WAYS, lender)) == {"node1:side:80": "redis 10.0.0.5:8000"}
    assert shown(offers_of(borrower, INTERNAL, lender)) == {
        "node1:side:80": "redis-80 172.17.0.2:80",
        "node1:side:81": "redis-81 172.17.0.2:81",
    }
    assert offers_of(borrower, WAYS).offers == {}


FRONT_DOORS: list[tuple[Any, list[str]]] = [
    # what is inspected, the offers
    (
        inspected({"80/tcp": 8000}, env={"FD_IP": "192.0.2.1", "FD_PORT": "80"}),
        ["redis.0:80 frontend 192.0.2.1:8000"],
    ),
    (inspected({"80/tcp": 8000}, env={"FD_PORT": "80"}), ["redis.0:80 frontend 10.0.0.5:8000"]),
    (inspected({"80/tcp": 8000}, env={"FD_PORT": "8000"}), ["redis.0:80 frontend 10.0.0.5:8000"]),
    (
        inspected({"80/tcp": 8000}, env={"FD_IP": "192.0.2.1"}),
        ["redis.0:80 frontend 192.0.2.1:8000"],
    ),
    (
        inspected(env={"FD_IP": "192.0.2.1", "FD_PORT": "8080"}),
        ["redis.0:8080 frontend 192.0.2.1:8080"],
    ),
    (
        inspected({"7946/tcp": 7946}, env={"FD_IP": "192.0.2.1", "FD_PORT": "8080"}),
        ["redis.0:8080 frontend 192.0.2.1:8080", "redis.0:7946 redis 10.0.0.5:7946"],
    ),
    (
        inspected(TWO, env={"FD_PORT": "80"}),
        ["redis.0:80 frontend 10.0.0.5:8000", "redis.0:443 redis-443 10.0.0.5:4443"],
    ),
    (
        inspected({"80/tcp": 8000}, env={"FD_PORT": "80", "SERVICE_NAME": "web"}),
        ["redis.0:80 web 10.0.0.5:8000"],
    ),
    (
        inspected({"80/tcp": 8000}, env={"FD_PORT": "80"}, labels={"SERVICE_80_NAME": "web"}),
        ["redis.0:80 web 10.0.0.5:8000"],
    ),
    (
        inspected({"80/tcp": 8000}, env={"FD_PORT": "80", "SERVICE_443_NAME": "web"}),
        ["redis.0:80 frontend 10.0.0.5:8000"],
    ),
    (inspected({"80/tcp": 8000}, env={"FD_PORT": "80", "SERVICE_IGNORE": "1"}), []),
]


@pytest.mark.parametrize(("container", "expected"), FRONT_DOORS)
def test_the_front_door_of_2015(container: Any, expected: list[str]) -> None:
    found = offers_of(container, WAYS)

    assert [f"{key} {text}" for key, text in shown(found).items()] == [
        f"node1:{each}" for each in expected
    ]
    assert found.faults == ()


def test_a_front_door_with_an_address_that_is_none_is_at_the_nodes() -> None:
    env = {"FD_IP": "eth0", "FD_PORT": "80"}
    found = offers_of(inspected({"80/tcp": 8000}, env=env), WAYS)

    assert shown(found) == {"node1:redis.0:80": "frontend 10.0.0.5:8000"}
    assert found.faults == ("FD_IP: 'eth0' is no address: this node's is taken",)


def test_a_front_door_without_a_port_is_ambiguous_among_two() -> None:
    found = offers_of(inspected(TWO, env={"FD_IP": "192.0.2.1"}), WAYS)

    assert set(shown(found).values()) == {"redis-80 10.0.0.5:8000", "redis-443 10.0.0.5:4443"}
    assert len(found.faults) == 1
