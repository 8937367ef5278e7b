"""The fleet through the API: looked at, registered by scripts, and an operator's word on it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpx
import pytest

from bootstrapper.fleet.layouts import PRESETS
from bootstrapper.fleet.offers import Offers
from bootstrapper.fleet.own import Owner
from bootstrapper.fleet.reading import Following
from bootstrapper.fleet.records import encode
from bootstrapper.fleet.values import Health, Node, Offer, Signal
from bootstrapper.kv.follow import follow
from bootstrapper.kv.mirror import Mirror
from bootstrapper.kv.open import open_store
from bootstrapper.kv.store import Keys
from bootstrapper.settings import Kv, Settings
from support.control import ControlPlane, api_alone
from support.etcd import Etcd
from support.eventually import eventually
from support.fleet_records import PATHS, Records
from support.services import short_folder

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
W1 = "/api/v1/services/web/w1"
KEY = "/services/web/w1"
BODY: dict[str, Any] = {"node": "n7", "address": "10.0.0.7", "port": 8080}


class World:
    def __init__(self, plane: ControlPlane, store: Keys) -> None:
        self.plane = plane
        self.store = store
        self.records = Records(store)


@pytest.fixture(scope="module", params=["etcd", "redis"])
def made(request: pytest.FixtureRequest) -> Iterator[World]:
    with short_folder("fleet") as folder:
        etcd = Etcd(folder) if request.param == "etcd" else None
        if etcd:
            etcd.start()
        with api_alone({"kv": {"url": f"etcd://{etcd.address}"}} if etcd else {}, POLICY) as plane:
            url = f"etcd://{etcd.address}" if etcd else plane.redis.url
            yield World(plane, open_store(Settings(kv=Kv(url=url))))
        if etcd:
            etcd.stop()


@pytest.fixture(autouse=True)
def tidy() -> None:
    """There are no jobs here."""


@pytest.fixture
def world(made: World) -> World:
    made.records.clear()
    return made


@pytest.fixture
def api(world: World) -> Iterator[httpx.Client]:
    with world.plane.http() as client:
        yield client


@contextmanager
def watch(world: World, node: str) -> Iterator[Offers]:
    """The watch of a node, in threads."""
    offers, stop = Offers(), threading.Event()
    mirror = Mirror(PATHS.prefix, "/services/")
    mirror.wake(offers.wake)
    owner = Owner(
        world.store, Node(name=node, address="10.0.0.7", since=0.0, incarnation="one"), offers,
        lambda them: {name: (Health.PASSING, "") for name in them},
        Following(mirror.view(), PATHS),
        PRESETS["services"], PATHS, ttl=2.0,
    )  # fmt: skip
    loops = [owner.keep_lease, owner.run]
    loops += [partial(follow, world.store, prefix, mirror) for prefix in mirror.prefixes]
    threads = [threading.Thread(target=loop, args=(stop,)) for loop in loops]
    for thread in threads:
        thread.start()
    try:
        eventually(lambda: world.store.look(PATHS.alive(node)))
        yield offers
    finally:
        stop.set()
        offers.wake()
        for thread in threads:
            thread.join(10)


# — scripts register and deregister —


def test_on_a_node_without_a_watch_an_instance_is_registered_as_it_is(
    world: World, api: httpx.Client
) -> None:
    answer = api.put(W1, json={**BODY, "tags": ["blue"], "weight": 50})

    assert answer.status_code == 200
    assert not answer.json()["watched"]
    assert "no watch runs on n7" in answer.json()["note"]
    assert world.records.value(KEY) == "10.0.0.7:8080"
    assert world.store.look(PATHS.offer("n7", "w1"))
    (shown,) = api.get("/api/v1/services/web").json()["instances"]
    assert (shown["source"], shown["health"], shown["serves"]) == ("api", "passing", True)
    assert (shown["tags"], shown["weight"], shown["keys"]) == (["blue"], 50, [KEY])


def test_to_register_twice_is_to_register_once(world: World, api: httpx.Client) -> None:
    first = api.put(W1, json=BODY).json()
    before = world.store.read("/").revision

    assert api.put(W1, json=BODY).json() == first
    assert world.store.read("/").revision == before
    assert [each["kind"] for each in events(api)] == ["instance_registered"]


def test_another_port_is_a_change_of_the_same_instance(world: World, api: httpx.Client) -> None:
    api.put(W1, json=BODY)
    api.put(W1, json={**BODY, "port": 8081})

    assert world.records.value(KEY) == "10.0.0.7:8081"
    assert [each["kind"] for each in events(api)] == ["instance_registered", "instance_changed"]


def test_it_is_gone_at_once_when_deregistered_and_again_is_no_error(
    world: World, api: httpx.Client
) -> None:
    api.put(W1, json=BODY)

    assert api.delete(W1).status_code == 204
    assert api.delete(W1).status_code == 204

    assert world.records.value(KEY) is None
    assert set(world.store.read(PATHS.prefix + "offers/").values) == set()
    last = events(api)[-1]
    assert (last["kind"], last["signal"]) == ("instance_removed", "deregistered")
    assert last["deleted"] == [KEY]


def test_a_ttl_ends_it_unless_it_is_registered_again(world: World, api: httpx.Client) -> None:
    api.put(W1, json={**BODY, "ttl": 60})
    first = world.store.look(KEY)
    api.put(W1, json={**BODY, "ttl": 60})
    again = world.store.look(KEY)

    assert first
    assert first.lease
    assert again == first, "the same lease was kept once more"
    api.put(W1, json={**BODY, "ttl": 1})
    eventually(lambda: world.records.value(KEY) is None, within=8)
    eventually(lambda: api.get("/api/v1/fleet").json()["instances"] == [], within=8)


def test_keys_that_somebody_took_away_come_back_with_the_next_registration(
    world: World, api: httpx.Client
) -> None:
    api.put(W1, json=BODY)
    world.store.delete(KEY)

    api.put(W1, json=BODY)

    assert world.records.value(KEY) == "10.0.0.7:8080"


def test_a_watch_takes_up_what_is_offered_for_its_node(world: World, api: httpx.Client) -> None:
    with watch(world, "n7"):
        answer = api.put(W1, json={**BODY, "address": ""})

        assert answer.json()["watched"]
        assert answer.json()["address"] == "10.0.0.7", "the node's own"
        eventually(lambda: world.records.value(KEY) == "10.0.0.7:8080")
        api.delete(W1, params={"node": "n7"})
        eventually(lambda: world.records.value(KEY) is None)
        last = eventually(lambda: [x for x in events(api) if x["kind"] == "instance_removed"])[-1]
        assert last["signal"] == "deregistered"


def test_a_watch_that_begins_later_adopts_what_was_registered_without_it(
    world: World, api: httpx.Client
) -> None:
    api.put(W1, json=BODY)
    with watch(world, "n7"):
        eventually(lambda: len(api.get("/api/v1/fleet").json()["nodes"]) == 1)
        assert world.records.value(KEY) == "10.0.0.7:8080"
        assert "instance_removed" not in {each["kind"] for each in events(api)}


def test_what_docker_registered_is_not_a_scripts_to_change(world: World, api: httpx.Client) -> None:
    world.records.node("n7", "10.0.0.7")
    world.records.instance("n7", "w1")

    put, delete = api.put(W1, json=BODY), api.delete(W1)

    assert (put.status_code, delete.status_code) == (409, 409)
    assert "registered by docker" in put.json()["detail"]


def test_one_id_on_two_nodes_must_be_told_apart(world: World, api: httpx.Client) -> None:
    api.put(W1, json=BODY)
    offer = Offer(service="web", id="w1", address="10.0.0.8", port=8080, source="api")
    world.store.put(PATHS.offer("n8", "w1"), encode(offer))

    answer = api.delete(W1)

    assert (answer.status_code, answer.json()["field"]) == (422, "node")
    assert "n7, n8" in answer.json()["detail"]
    assert api.delete(W1, params={"node": "n8"}).status_code == 204
    assert [x["node"] for x in api.get("/api/v1/services/web").json()["instances"]] == ["n7"]


@pytest.mark.parametrize(
    ("path", "change", "field"),
    [
        (W1, {"port": 0}, "port"),
        (W1, {"port": "80"}, "port"),
        (W1, {"node": "a/b"}, "node"),
        (W1, {"address": ""}, "address"),
        (W1, {"address": "10.0.0.7/24"}, "address"),
        (W1, {"weight": 257}, "weight"),
        (W1, {"tags": "blue"}, "tags"),
        (W1, {"ttl": -1}, "ttl"),
        (W1, {"checks": [{"kind": "ping"}]}, "checks[0].kind"),
        (W1, {"x": 1}, "x"),
        ("/api/v1/services/web/a%20b", {}, "id"),
        ("/api/v1/services/we%20b/w1", {}, "service"),
    ],
)
def test_a_mistake_names_its_field(
    api: httpx.Client, path: str, change: dict[str, Any], field: str
) -> None:
    answer = api.put(path, json={**BODY, **change})

    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == field


def test_a_rule_on_hosts_is_a_rule_on_nodes(world: World, api: httpx.Client) -> None:
    with world.plane.http(world.plane.token("n7")) as node:
        assert node.put(W1, json=BODY).status_code == 200
        assert node.put(W1, json={**BODY, "node": "n8"}).status_code == 403
        assert node.delete(W1).status_code == 204, "its node is known from what is registered"
        api.put("/api/v1/services/web/w8", json={**BODY, "node": "n8"})
        assert node.delete("/api/v1/services/web/w8").status_code == 403
        assert node.get("/api/v1/fleet").status_code == 403


# — who looks —


def test_the_fleet_shows_how_each_node_stands(world: World, api: httpx.Client) -> None:
    for name, alive in (("a", True), ("b", False), ("c", True), ("d", False)):
        world.records.node(name, "10.0.0.1", alive=alive, cluster="blue", role="web")
        world.records.instance(name, f"{name}1")
    world.records.mark("c", Signal.OPERATOR, "new disks", by="user:alice")
    world.records.mark("d", Signal.SERF_FAILED, "no answer to 5 probes")
    world.records.held("b")

    fleet = api.get("/api/v1/fleet").json()

    assert {each["name"]: each["state"] for each in fleet["nodes"]} == {
        "a": "alive", "b": "silent", "c": "drained", "d": "down",
    }  # fmt: skip
    assert {each["id"]: each["serves"] for each in fleet["instances"]} == {
        "a1": True, "b1": True, "c1": False, "d1": False,
    }  # fmt: skip
    assert [each["id"] for each in fleet["instances"] if each["held"]] == ["b1"]
    assert [each["rule"] for each in fleet["held"]] == ["brake"]
    assert fleet["nodes"][3]["mark"]["reason"] == "no answer to 5 probes"
    services = api.get("/api/v1/services").json()["services"]
    assert services == [{"name": "web", "instances": 4, "serving": 2, "clusters": []}]


def test_a_cluster_is_told_in_the_form_that_its_reader_wants(
    world: World, api: httpx.Client
) -> None:
    for number, alive in ((1, True), (2, True), (3, False)):
        name = f"mq{number}"
        world.records.node(name, f"10.0.0.{number}", alive=alive, cluster="mq", role="broker",
                           tags={"zone": "{{ lookup('pipe', 'id') }}"})  # fmt: skip
        world.records.instance(name, f"m{number}", service="mqtt", port=1883)

    def told(**query: str) -> str:
        answer = api.get("/api/v1/clusters/mq/nodes", params=query)
        assert answer.status_code == 200, answer.text
        return answer.text

    assert told(format="plain") == "10.0.0.1\n10.0.0.2\n"
    assert told(format="plain", all="1") == "10.0.0.1\n10.0.0.2\n10.0.0.3\n"
    assert told(format="{name}={ip}") == "mq1=10.0.0.1\nmq2=10.0.0.2\n"
    assert told(format="{node}@{ip}:{port}") == "mq1@10.0.0.1:1883\nmq2@10.0.0.1:1883\n"
    assert [each["name"] for each in api.get("/api/v1/nodes").json()["nodes"]] == ["mq1", "mq2"]
    inventory = api.get("/api/v1/nodes", params={"format": "ansible"}).json()
    assert inventory["cluster_mq"]["hosts"] == inventory["service_mqtt"]["hosts"] == ["mq1", "mq2"]
    assert inventory["_meta"]["hostvars"]["mq1"]["ansible_host"] == "10.0.0.1"


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/v1/clusters/mqq/nodes", 404, "did you mean 'mq'?"),
        ("/api/v1/clusters/mq/nodes?format={prt}", 422, "did you mean 'port'?"),
        ("/api/v1/clusters/mq/nodes?format=xml", 422, "'xml' is none of json, plain, ansible"),
        ("/api/v1/services/wbe", 404, "did you mean 'web'?"),
        ("/api/v1/why/wbe", 404, "did you mean 'web'?"),
        ("/api/v1/fleet/events?limit=0", 422, ""),
    ],
)
def test_what_is_not_there_is_told_with_the_nearest_name(
    world: World, api: httpx.Client, path: str, status: int, said: str
) -> None:
    world.records.node("n1", "10.0.0.1", cluster="mq")
    world.records.instance("n1", "w1")

    answer = api.get(path)

    assert answer.status_code == status
    assert said in answer.json()["detail"]


# — an operator's word —


def test_a_drained_node_gets_no_traffic_until_it_is_released(
    world: World, api: httpx.Client
) -> None:
    world.records.node("n1", "10.0.0.1")
    for number in range(120):  # more keys than one transaction takes
        world.records.instance("n1", f"w{number}")

    done = api.post("/api/v1/fleet/nodes/n1/drain", json={"reason": "new disks"})

    assert (done.status_code, done.json()["by"]) == (200, "system:owner")
    assert world.store.read("/services/").values == {}
    assert api.get("/api/v1/fleet").json()["nodes"][0]["state"] == "drained"
    assert api.post("/api/v1/fleet/nodes/n1/release").status_code == 204
    assert len(world.store.read("/services/").values) == 120
    assert api.post("/api/v1/fleet/nodes/n1/release").status_code == 204, "it is done already"
    assert [each["kind"] for each in events(api)] == ["node_held", "node_released"]


def test_one_instance_can_be_drained_alone(world: World, api: httpx.Client) -> None:
    world.records.node("n1", "10.0.0.1")
    world.records.instance("n1", "w1")
    world.records.instance("n1", "w2")

    api.post("/api/v1/fleet/nodes/n1/w1/drain", json={})

    assert set(world.store.read("/services/").values) == {"/services/web/w2"}
    assert api.get("/api/v1/why/w1").json()["well"] is False


def test_a_guess_is_no_operators_to_lift(world: World, api: httpx.Client) -> None:
    world.records.node("n1", "10.0.0.1", alive=False)
    world.records.mark("n1", Signal.LEASE_GONE, "silent for 2 s")

    answer = api.post("/api/v1/fleet/nodes/n1/release")

    assert (answer.status_code, "returns by itself" in answer.json()["detail"]) == (409, True)


@pytest.mark.parametrize(("word", "reply"), [("confirm", "confirmed"), ("refuse", "refused")])
@pytest.mark.parametrize("name", ["n1", "n1/w1"])
def test_a_held_removal_is_answered(
    world: World, api: httpx.Client, word: str, reply: str, name: str
) -> None:
    world.records.held(name)

    for _ in range(2):
        held = api.post(f"/api/v1/fleet/held/{name}/{word}").json()
        assert (held["answer"], held["by"]) == (reply, "system:owner")

    assert [each["kind"] for each in events(api)] == [f"removal_{reply}"]
    assert api.get("/api/v1/fleet/held").json()["held"][0]["answer"] == reply
    assert api.post(f"/api/v1/fleet/held/n9/{word}").status_code == 404


def test_why_leads_from_the_symptom_to_the_first_cause(world: World, api: httpx.Client) -> None:
    world.records.node("n1", "10.0.0.1", alive=False)
    world.records.instance("n1", "w1")
    world.records.event("node_joined", "n1")
    first = world.records.event("node_suspected", "n1", by="n2", signal=Signal.SERF_FAILED)
    world.records.event("node_failed", "n1", cause=first.id, by="n2", deleted=(KEY,))
    world.records.mark("n1", Signal.SERF_FAILED, "no answer to 5 probes", by="n2")

    chain = api.get("/api/v1/why/n1/w1").json()

    assert chain["verdict"] == "web n1/w1 gets no traffic: no answer to 5 probes"
    kinds = [step["kind"] for step in chain["steps"] if step["event"]]
    assert kinds == ["node_failed", "node_suspected", "node_joined"]
    assert f"deleted {KEY}" in next(x["text"] for x in chain["steps"] if x["event"])


def test_events_are_read_on_from_the_last_one_seen(world: World, api: httpx.Client) -> None:
    made = [world.records.event("node_joined", f"n{number}") for number in range(5)]

    assert [x["id"] for x in events(api, limit="2")] == [x.id for x in made[3:]]
    assert [x["id"] for x in events(api, after=made[1].id, limit="2")] == [x.id for x in made[2:4]]


def test_a_store_that_is_away_is_to_be_asked_later() -> None:
    settings = {"kv": {"url": "etcd://127.0.0.1:1", "timeout": 0.5, "try_timeout": 0.2}}
    with api_alone(settings, POLICY) as plane, plane.http() as client:
        answer = client.get("/api/v1/fleet")

        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


def events(api: httpx.Client, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/api/v1/fleet/events", params=query).json()["events"]
    return found
