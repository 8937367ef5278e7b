"""Health checks that labels ask for, and what of a container cannot be read."""

import pytest

from bootstrapper.fleet.docker.offers import offers_of
from bootstrapper.fleet.values import Check
from fleet.docker.inspections import ID, TWO, WAYS, inspected, shown, the_only

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
    ({"SERVICE_CHECK_INTERVAL": "1ms"}, "SERVICE_CHECK_INTERVAL: '1ms' is out of bounds"),
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
    ({"SERVICE_HTTP_NAME": "web"}, "SERVICE_HTTP_NAME: it names no port"),
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
