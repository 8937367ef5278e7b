from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.fleet.docker.offers import Found, default_name, offers_of
from bootstrapper.fleet.docker.places import Ways
from bootstrapper.fleet.values import Check, Offer
from fleet.docker.inspections import EXPLICIT, ID, INTERNAL, WAYS, inspected, published

TWO = {"443/tcp": 4443, "80/tcp": 8000}
NGINX: dict[str, Any] = {"name": "/nginx.0", "image": "progrium/nginx"}


def shown(found: Found) -> dict[str, str]:
    return {
        offer.id: f"{offer.service} {offer.address}:{offer.port}" for offer in found.offers.values()
    }


def the_only(found: Found) -> Offer:
    (offer,) = found.offers.values()
    return offer


def test_the_examples_of_registrators_documentation() -> None:
    plain = offers_of(inspected({"6379/tcp": 10000}), WAYS)
    named = inspected(
        {"6379/tcp": 10000},
        env={"SERVICE_NAME": "db", "SERVICE_TAGS": "master,backups", "SERVICE_REGION": "us2"},
    )
    two = inspected(TWO, **NGINX)
    two_named = inspected(
        TWO,
        env={
            "SERVICE_443_NAME": "https", "SERVICE_443_ID": "https.12345",
            "SERVICE_443_SNI": "enabled", "SERVICE_80_NAME": "http", "SERVICE_TAGS": "www",
        },
        **NGINX,
    )  # fmt: skip

    assert shown(plain) == {"node1:redis.0:6379": "redis 10.0.0.5:10000"}
    assert shown(offers_of(named, WAYS)) == {"node1:redis.0:6379": "db 10.0.0.5:10000"}
    assert the_only(offers_of(named, WAYS)).tags == ("master", "backups")
    assert shown(offers_of(two, WAYS)) == {
        "node1:nginx.0:80": "nginx-80 10.0.0.5:8000",
        "node1:nginx.0:443": "nginx-443 10.0.0.5:4443",
    }
    found = offers_of(two_named, WAYS)
    assert shown(found) == {
        "node1:nginx.0:80": "http 10.0.0.5:8000",
        "https.12345": "https 10.0.0.5:4443",
    }
    assert {each.tags for each in found.offers.values()} == {("www",)}
    assert found.faults == ()


NAMES: list[tuple[Any, dict[str, str]]] = [
    # what is inspected, the offers
    (inspected(), {}),
    (inspected({"80/tcp": None}), {}),
    (inspected({"80/tcp": 8000}, Running=False), {}),
    (inspected({"80/tcp": 8000}, Restarting=True), {}),
    (inspected({"80/tcp": 8000}, labels={"SERVICE_NAME": ""}), {"n:80": "redis a:8000"}),
    (inspected({"80/tcp": 8000}, labels={"service_name": "x"}), {"n:80": "redis a:8000"}),
    (inspected({"80/tcp": 8000}, labels={"SERVICE_Name": "x"}), {"n:80": "x a:8000"}),
    # one is published, so it is no group
    (inspected({"80/tcp": 8000, "443/tcp": None}), {"n:80": "redis a:8000"}),
    (
        inspected(TWO, env={"SERVICE_NAME": "web"}),
        {"n:80": "web-80 a:8000", "n:443": "web-443 a:4443"},
    ),
    # an ignored port counts, as with registrator
    (inspected(TWO, env={"SERVICE_443_IGNORE": "true"}), {"n:80": "redis-80 a:8000"}),
    (inspected(TWO, labels={"SERVICE_IGNORE": "1"}), {}),
    (inspected(TWO, labels={"SERVICE_IGNORE": "false"}), {}),
    (
        inspected({"53/tcp": 53, "53/udp": 53}),
        {"n:53": "redis-53 a:53", "n:53:udp": "redis-53 a:53"},
    ),
    (inspected({"9000/sctp": 9}), {"n:9000:sctp": "redis a:9"}),
    # labels over the environment, the port over all of them
    (
        inspected({"80/tcp": 8000}, env={"SERVICE_NAME": "e"}, labels={"SERVICE_NAME": "l"}),
        {"n:80": "l a:8000"},
    ),
    (
        inspected({"80/tcp": 8000}, env={"SERVICE_80_NAME": "e"}, labels={"SERVICE_NAME": "l"}),
        {"n:80": "e a:8000"},
    ),
    (
        inspected({"80/tcp": 8000}, env={"SERVICE_80_NAME": "e"}, labels={"SERVICE_80_NAME": "l"}),
        {"n:80": "l a:8000"},
    ),
    (
        inspected(TWO, env={"SERVICE_ID": "me"}),
        {"me-80": "redis-80 a:8000", "me-443": "redis-443 a:4443"},
    ),
    (inspected({"80/tcp": 8000}, env={"SERVICE_ID": "me"}), {"me": "redis a:8000"}),
]


@pytest.mark.parametrize(("container", "expected"), NAMES)
def test_names_and_ids(container: Any, expected: dict[str, str]) -> None:
    """`n` stands for node1:redis.0, `a` for the node's address."""
    told = {
        name.replace("node1:redis.0", "n"): text.replace("10.0.0.5", "a")
        for name, text in shown(offers_of(container, WAYS)).items()
    }

    assert told == expected
    assert offers_of(container, WAYS).faults == ()


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("redis", "redis"),
        ("redis:7", "redis"),
        ("gliderlabs/foobar", "foobar"),
        ("registry.local:5000/team/web:1.2", "web"),
        ("registry.local:5000/web", "web"),
        ("team/web@sha256:0123abcd", "web"),
    ],
)
def test_a_services_usual_name_is_its_images(image: str, name: str) -> None:
    assert default_name(image) == name


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


def test_of_the_explicit_only_those_with_a_name_are_offered() -> None:
    both = inspected(TWO, env={"SERVICE_80_NAME": "http"})
    door = inspected({"80/tcp": 8000}, env={"FD_PORT": "80"})

    assert shown(offers_of(both, EXPLICIT)) == {"node1:redis.0:80": "http 10.0.0.5:8000"}
    assert shown(offers_of(door, EXPLICIT)) == {"node1:redis.0:80": "frontend 10.0.0.5:8000"}
    assert offers_of(inspected({"80/tcp": 8000}), EXPLICIT).offers == {}


def test_what_else_is_said_of_a_service() -> None:
    container = inspected(
        TWO,
        env={"CLUSTER": "shop", "SERVICE_WEIGHT": "50", "SERVICE_443_WEIGHT": "0"},
        labels={"SERVICE_443_TAGS": r"a\,b,,c", "SERVICE_443_CLUSTER": "edge"},
        hostname="web-1",
    )
    http, https = offers_of(container, WAYS).offers.values()

    assert (http.cluster, http.weight, http.tags, http.host) == ("shop", 50, (), "web-1")
    assert (https.cluster, https.weight, https.tags) == ("edge", 0, ("a,b", "c"))
    assert {http.source, https.source} == {"docker"}


def test_a_udp_service_says_so_in_its_tags() -> None:
    container = inspected({"53/udp": 53}, env={"SERVICE_TAGS": "dns", "SERVICE_CHECK_TCP": "true"})
    offer = the_only(offers_of(container, WAYS))

    assert offer.tags == ("dns", "udp")
    assert offer.checks == ()


@pytest.mark.parametrize(
    ("state", "draining"),
    [
        ({}, False),
        ({"Paused": True}, True),
        ({"Health": {"Status": "starting"}}, False),
        ({"Health": {"Status": "healthy"}}, False),
        ({"Health": {"Status": "unhealthy"}}, True),
        ({"Health": None}, False),
    ],
)
def test_what_gets_no_new_traffic(state: dict[str, Any], draining: bool) -> None:
    assert the_only(offers_of(inspected({"80/tcp": 8000}, **state), WAYS)).draining is draining


EXEC = ("docker", "exec", ID)
CHECKS: list[tuple[dict[str, str], Check | None]] = [
    ({}, None),
    ({"CHECK_HTTP": "/health"}, Check(kind="http", target="/health")),
    ({"CHECK_HTTP": "health"}, Check(kind="http", target="/health")),
    ({"CHECK_HTTP": "http://[::1]:9/"}, Check(kind="http", target="http://[::1]:9/")),
    ({"80_CHECK_HTTP": "/here", "CHECK_HTTP": "/all"}, Check(kind="http", target="/here")),
    ({"443_CHECK_HTTP": "/there"}, None),
    ({"CHECK_TCP": "true"}, Check(kind="tcp")),
    ({"CHECK_HTTP": "/", "CHECK_TCP": "true"}, Check(kind="http", target="/")),
    (
        {"CHECK_CMD": "redis-cli 'PING me'"},
        Check(kind="command", target=(*EXEC, "redis-cli", "PING me"), interval=10.0, timeout=5.0),
    ),
    (
        {"CHECK_TCP": "1", "CHECK_INTERVAL": "15s", "CHECK_TIMEOUT": "1m30s"},
        Check(kind="tcp", interval=15.0, timeout=90.0),
    ),
    (
        {"CHECK_TCP": "1", "CHECK_INTERVAL": "500ms", "CHECK_TIMEOUT": "2"},
        Check(kind="tcp", interval=0.5, timeout=2.0),
    ),
    (
        {"CHECK_TCP": "1", "CHECK_RISE": "3", "CHECK_FALL": "5", "CHECK_GRACE": "1.5h"},
        Check(kind="tcp", rise=3, fall=5, grace=5400.0),
    ),
    ({"CHECK_TCP": "1", "CHECK_GRACE": "0"}, Check(kind="tcp")),
    ({"CHECK_TCP": "1", "CHECK_INITIAL_STATUS": "passing"}, Check(kind="tcp", passing=True)),
    ({"CHECK_TCP": "1", "CHECK_INITIAL_STATUS": "critical"}, Check(kind="tcp")),
]


@pytest.mark.parametrize(("said", "check"), CHECKS)
def test_the_check_that_labels_ask_for(said: dict[str, str], check: Check | None) -> None:
    labels = {f"SERVICE_{name}": value for name, value in said.items()}
    found = offers_of(inspected({"80/tcp": 8000}, labels=labels), WAYS)

    assert the_only(found).checks == ((check,) if check else ())
    assert found.faults == ()


FAULTS: list[tuple[dict[str, str], str]] = [
    # what is said, and how the fault begins; everything else of the service holds
    ({"SERVICE_CHECK_INTERVAL": "abc"}, "SERVICE_CHECK_INTERVAL: 'abc' cannot be read"),
    ({"SERVICE_CHECK_INTERVAL": "0"}, "SERVICE_CHECK_INTERVAL: '0' is out of bounds"),
    ({"SERVICE_CHECK_TIMEOUT": "-1s"}, "SERVICE_CHECK_TIMEOUT: '-1s' cannot be read"),
    ({"SERVICE_80_CHECK_TIMEOUT": "5 s"}, "SERVICE_80_CHECK_TIMEOUT: '5 s' cannot be read"),
    ({"SERVICE_CHECK_TIMEOUT": "9999999h"}, "SERVICE_CHECK_TIMEOUT: '9999999h' is out of bounds"),
    ({"SERVICE_CHECK_RISE": "0"}, "SERVICE_CHECK_RISE: '0' is out of bounds"),
    ({"SERVICE_CHECK_FALL": "2.5"}, "SERVICE_CHECK_FALL: '2.5' cannot be read"),
    ({"SERVICE_CHECK_INITIAL_STATUS": "up"}, "SERVICE_CHECK_INITIAL_STATUS: 'up' is no status"),
    ({"SERVICE_CHECK_SCRIPT": "curl …"}, "SERVICE_CHECK_SCRIPT: nothing here acts on it"),
    ({"SERVICE_WEIGHT": "heavy"}, "SERVICE_WEIGHT: 'heavy' is not 0 to 256"),
    ({"SERVICE_WEIGHT": "257"}, "SERVICE_WEIGHT: '257' is not 0 to 256"),
    ({"SERVICE_WEIGHT": "-1"}, "SERVICE_WEIGHT: '-1' is not 0 to 256"),
    ({"SERVICE_ID": "a/b"}, "SERVICE_ID: 'a/b' is no id"),
    ({"SERVICE_CLUSTER": "a/b"}, "SERVICE_CLUSTER: 'a/b' is no name"),
    ({"SERVICE_TAGS": "fine,b\x07d"}, "SERVICE_TAGS: a tag with a control character"),
    ({"SERVICE_HTTP_NAME": "web"}, "SERVICE_HTTP_NAME: what stands before"),
    ({"FD_PORT": "http"}, "FD_PORT: 'http' is no port"),
    ({"FD_PORT": "70000"}, "FD_PORT: '70000' is no port"),
]


@pytest.mark.parametrize(("said", "fault"), FAULTS)
def test_what_cannot_be_read_is_told_with_its_label(said: dict[str, str], fault: str) -> None:
    env = {"SERVICE_CHECK_TCP": "true", **said}
    found = offers_of(inspected({"80/tcp": 8000}, env=env), WAYS)

    assert [each[: len(fault)] for each in found.faults] == [fault]
    assert the_only(found).service == "redis"
    assert the_only(found).id == "node1:redis.0:80"
    assert the_only(found).checks == (Check(kind="tcp"),)
    assert the_only(found).weight == 100


@pytest.mark.parametrize("name", ["a/b", "two words", "bell\x07", "\n", "x" * 201])
def test_a_service_with_a_name_that_is_none_is_not_offered(name: str) -> None:
    found = offers_of(inspected(TWO, env={"SERVICE_80_NAME": name}), WAYS)

    assert shown(found) == {"node1:redis.0:443": "redis-443 10.0.0.5:4443"}
    assert [each.partition(":")[0] for each in found.faults] == ["SERVICE_80_NAME"]


def test_a_front_door_with_an_address_that_is_none_is_at_the_nodes() -> None:
    env = {"FD_IP": "eth0", "FD_PORT": "80"}
    found = offers_of(inspected({"80/tcp": 8000}, env=env), WAYS)

    assert shown(found) == {"node1:redis.0:80": "frontend 10.0.0.5:8000"}
    assert found.faults == ("FD_IP: 'eth0' is no address: this node's is taken",)


def test_a_front_door_without_a_port_is_ambiguous_among_two() -> None:
    found = offers_of(inspected(TWO, env={"FD_IP": "192.0.2.1"}), WAYS)

    assert set(shown(found).values()) == {"redis-80 10.0.0.5:8000", "redis-443 10.0.0.5:4443"}
    assert len(found.faults) == 1


def test_two_ports_with_one_id_are_one_offer_and_a_fault() -> None:
    env = {"SERVICE_80_ID": "me", "SERVICE_443_ID": "me"}
    found = offers_of(inspected(TWO, env=env), WAYS)

    assert shown(found) == {"me": "redis-80 10.0.0.5:8000"}
    assert len(found.faults) == 1


SAID = (
    "NAME", "ID", "TAGS", "WEIGHT", "CLUSTER", "CHECK_HTTP", "CHECK_CMD", "CHECK_INTERVAL",
    "CHECK_RISE", "CHECK_GRACE", "IGNORE", "CHECK_INITIAL_STATUS", "",
)  # fmt: skip
NAMES_SAID = st.sampled_from(
    [f"SERVICE_{port}{name}" for port in ("", "80_", "443_", "x_") for name in SAID]
    + ["FD_IP", "FD_PORT", "CLUSTER", "SERVICE", "SERVICE_"]
)


@given(
    env=st.dictionaries(NAMES_SAID, st.text(max_size=12)),
    labels=st.dictionaries(NAMES_SAID | st.text(max_size=12), st.text(max_size=12)),
    hostname=st.text(max_size=8),
)
def test_whatever_is_said_each_offer_is_one_that_the_fleet_can_hold(
    env: dict[str, str], labels: dict[str, str], hostname: str
) -> None:
    found = offers_of(inspected(TWO, env=env, labels=labels, hostname=hostname), WAYS)

    for name, offer in found.offers.items():
        assert msgspec.json.decode(msgspec.json.encode(offer), type=Offer) == offer
        assert offer.id == name
        assert "/" not in offer.host + offer.cluster + offer.service
