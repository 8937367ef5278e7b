"""Who may register on one node does nothing to another, and makes a node ask nothing else."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from bootstrapper.control.fleet import FleetStore
from bootstrapper.control.registering import Wanted, register
from bootstrapper.errors import Conflict
from bootstrapper.fleet.reading import fleet_of
from bootstrapper.kv.open import open_store
from bootstrapper.kv.store import NO_GUARD, Keys, Write
from bootstrapper.settings import Kv, Settings
from support.control import ControlPlane, api_alone
from support.fleet_records import PATHS, Records

POLICY = """
[[rule]]
name = "owner"
verdict = "allow"
actors = ["system:owner"]

[[rule]]
name = "own-node"
verdict = "allow"
actors = ["token:n7"]
actions = ["services.write"]
hosts = ["n7"]
"""
W1, KEY = "/api/v1/services/web/w1", "/services/web/w1"
BODY: dict[str, Any] = {"node": "n7", "address": "10.0.0.7", "port": 8080}


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    with api_alone({}, POLICY) as plane:
        yield plane


@pytest.fixture(autouse=True)
def tidy() -> None:
    """There are no jobs here."""


@pytest.fixture
def store(plane: ControlPlane) -> Keys:
    store = open_store(Settings(kv=Kv(url=plane.redis.url)))
    Records(store).clear()
    return store


@pytest.fixture
def n7(plane: ControlPlane) -> Iterator[httpx.Client]:
    with plane.http(plane.token("n7")) as client:
        yield client


def test_what_another_node_shows_is_not_written_over(store: Keys, n7: httpx.Client) -> None:
    Records(store).instance("n8", "w1")
    before = store.look(KEY)

    answer = n7.put(W1, json=BODY)

    assert answer.status_code == 409, answer.text
    assert "n8/w1" in answer.json()["detail"]
    assert n7.delete(W1, params={"node": "n7"}).status_code == 204
    assert store.look(KEY) == before


def test_what_a_script_wrote_is_not_written_over(store: Keys, n7: httpx.Client) -> None:
    store.put(KEY, "10.0.0.9:80")

    assert n7.put(W1, json=BODY).status_code == 409
    store.put(KEY, "10.0.0.7:8080")
    assert n7.put(W1, json=BODY).status_code == 200, "it says the same"


@pytest.mark.parametrize(
    "node", ["n8", "n7/../n8", "N7", "n7\n", "n7/n8", "n7%2Fn8", "n*", "n7 ", "", "n7\u202e"]
)
def test_no_spelling_of_another_node_is_ones_own(store: Keys, n7: httpx.Client, node: str) -> None:
    assert n7.put(W1, json={**BODY, "node": node}).status_code in (403, 422)
    assert n7.delete(W1, params={"node": node or "n8"}).status_code in (403, 422)
    assert fleet_of(store.read("/").values, PATHS, 0).instances == {}


@pytest.mark.parametrize(
    "path",
    ["web/..%2F..%2Fbootstrapper", "..%2Fweb/w1", "web/%2E%2E", "%2E%2E/w1", "web/a%22b",
     "web/a%23", "web/a%0Ab", "web/a%C2%9Bb",
     "web/a%E2%80%A8b", "web/-oProxyCommand", "web/%7B%7Bx%7D%7D",
     "web/a%5C", "web/a%60"],
)  # fmt: skip
def test_a_name_is_one_word_of_a_key_and_of_a_config(
    store: Keys, n7: httpx.Client, path: str
) -> None:
    assert n7.put(f"/api/v1/services/{path}", json=BODY).status_code in (404, 405, 422)
    assert not [key for key in store.read("/services/").values if key != KEY]


@pytest.mark.parametrize(
    "change",
    [
        {"address": "10.0.0.7:80\n  server evil 10.0.0.66:80"},
        {"address": "10.0.0.7:80"},
        {"address": "10.0.0.7#"},
        {"address": '10.0.0.7"'},
        {"address": "-oProxyCommand=x"},
        {"address": "10.0.0.7\u2028"},
        {"address": "{{ x }}"},
        {"tags": ["a\nb"]},
        {"tags": ["a\x9b31m"]},
        {"tags": ["a\u2028server evil"]},
        {"cluster": "a/b"},
        {"cluster": ".."},
        {"cluster": "a\nb"},
    ],
)
def test_no_field_holds_a_line_or_a_place_of_its_own(
    store: Keys, n7: httpx.Client, change: dict[str, Any]
) -> None:
    answer = n7.put(W1, json={**BODY, **change})

    assert answer.status_code == 422, answer.text
    assert "a letter that it must not hold" in answer.json()["detail"]
    assert store.look(KEY) is None


@pytest.mark.parametrize(
    ("check", "address"),
    [
        ({"kind": "command", "target": ["/bin/sh", "-c", "id"]}, "10.0.0.7"),
        ({"kind": "http", "target": "http://169.254.169.254/latest/meta-data/"}, "10.0.0.7"),
        ({"kind": "http", "target": "http://10.0.0.7@10.0.0.8/"}, "10.0.0.7"),
        ({"kind": "http", "target": "https://localhost/"}, "10.0.0.7"),
        ({"kind": "tcp", "target": "10.0.0.8:22"}, "10.0.0.7"),
        ({"kind": "http", "target": "/latest/meta-data/"}, "169.254.169.254"),
        ({"kind": "http", "target": "/"}, "::ffff:169.254.169.254"),
        ({"kind": "http", "target": "/"}, "fd00:ec2::254"),
        ({"kind": "tcp"}, "0.0.0.0"),
        ({"kind": "tcp", "interval": 1e-9}, "10.0.0.7"),
    ],
)
def test_a_check_from_elsewhere_asks_what_is_registered_and_nothing_else(
    n7: httpx.Client, check: dict[str, Any], address: str
) -> None:
    answer = n7.put(W1, json={**BODY, "address": address, "checks": [check]})

    assert (answer.status_code, answer.json()["field"]) == (422, "checks[0]"), answer.text


@pytest.mark.parametrize(
    "check",
    [
        {"kind": "http", "target": "/health"},
        {"kind": "http", "target": "http://10.0.0.7:9000/health?a=1"},
        {"kind": "tcp"},
        {"kind": "tcp", "target": "9000"},
    ],
)
def test_its_own_address_may_be_asked(store: Keys, n7: httpx.Client, check: dict[str, Any]) -> None:
    assert n7.put(W1, json={**BODY, "checks": [check]}).status_code == 200


class Overtaken(FleetStore):
    """Somebody else is faster, once: between the look and the write."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.rival: Callable[[], object] | None = None

    def write(self, writes: Sequence[Write], when: Mapping[str, int] = NO_GUARD) -> bool:
        rival, self.rival = self.rival, None
        if rival is not None:
            rival()
        return super().write(writes, when)


def test_of_two_who_register_a_key_at_once_one_has_it(plane: ControlPlane, store: Keys) -> None:
    settings = Settings(kv=Kv(url=plane.redis.url))
    late = Overtaken(settings)
    late.rival = lambda: register(
        FleetStore(settings), "web", "w1", Wanted(node="n8", address="10.0.0.8", port=80), "n8"
    )

    with pytest.raises(Conflict, match="n8/w1"):
        register(late, "web", "w1", Wanted(node="n7", address="10.0.0.7", port=80), "n7")
    entry = store.look(KEY)
    assert entry is not None
    assert entry.value == "10.0.0.8:80"


def test_to_come_and_go_at_once_leaves_nothing_half_done(plane: ControlPlane, store: Keys) -> None:
    def act(number: int) -> int:
        with plane.http() as owner:
            answer = owner.put(W1, json=BODY) if number % 2 else owner.delete(W1)
            return answer.status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(act, range(40))) <= {200, 204, 503}

    known = fleet_of(store.read("/").values, PATHS, 0).instances
    assert ("n7/w1" in known) == (store.look(KEY) is not None)


@pytest.mark.parametrize("path", ["fleet/nodes/n7/drain", "services/web/w1", "fleet/serf-events"])
@pytest.mark.parametrize("field", ["x", "checks", "members", "reason"])
def test_a_body_of_any_depth_is_a_mistake(
    plane: ControlPlane, store: Keys, path: str, field: str
) -> None:
    deep = b'{"%s":' % field.encode() + b"[" * 100_000 + b"]" * 100_000 + b"}"
    with plane.http() as owner:
        method = "PUT" if path.startswith("services") else "POST"
        answer = owner.request(method, f"/api/v1/{path}", content=deep)

    assert answer.status_code in (404, 422), answer.text
