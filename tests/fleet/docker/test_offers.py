from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.fleet.docker.offers import default_name, offers_of
from bootstrapper.fleet.values import Offer
from fleet.docker.inspections import EXPLICIT, TWO, WAYS, inspected, shown, the_only

NGINX: dict[str, Any] = {"name": "/nginx.0", "image": "progrium/nginx"}


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


@pytest.mark.parametrize(
    ("name", "inner", "port"),
    [
        ("web\n  server evil 10.0.0.66:80", "80/tcp", "8000"),
        ("web\u2028x", "80/tcp", "8000"),
        ('we"b', "80/tcp", "8000"),
        ("..", "80/tcp", "8000"),
        ("web#", "80/tcp", "8000"),
        ("web", "80/tcp", "80000"),
        ("web", "80/tcp", "²"),
        ("web", "80/tcp", "8" * 5000),
        ("web", "²/tcp", "8000"),
        ("web", "8" * 5000 + "/tcp", "8000"),
    ],
)
def test_what_is_no_word_or_port_is_not_offered(name: str, inner: str, port: str) -> None:
    ports = {inner: [{"HostIp": "0.0.0.0", "HostPort": port}]}

    assert offers_of(inspected(ports, env={"SERVICE_NAME": name}), WAYS).offers == {}


def test_a_name_that_is_too_long_for_a_record_is_not_offered() -> None:
    found = offers_of(inspected({"80/tcp": 8000}, name="/" + "a" * 250), WAYS)

    assert found.offers == {}
    assert "no id" in found.faults[0]


def test_tags_stay_on_their_line() -> None:
    env = {"SERVICE_TAGS": "good,ba\u2028d,b\x9bad"}

    assert the_only(offers_of(inspected({"80/tcp": 8000}, env=env), WAYS)).tags == ("good",)
