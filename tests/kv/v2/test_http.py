"""v2 over HTTP: who may, what is refused and changes nothing, and those who wait."""

import asyncio
import base64
import json
import re
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection

import httpx
import pytest
import urllib3

from support.control import ControlPlane
from support.eventually import eventually
from support.v2 import v2_server

WEB = httpx.Client(timeout=30)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def locked() -> Iterator[ControlPlane]:
    """Nobody is near; one user has a password. Only /site is shown."""
    users = {"script": {"env": "V2_PASSWORD"}, "empty": {"env": "V2_EMPTY"}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("V2_PASSWORD", "s3:cret")
        patch.setenv("V2_EMPTY", "")
        with v2_server("redis", {"networks": [], "users": users, "prefix": "/site/"}) as made:
            yield made


def keys(plane: ControlPlane, path: str) -> str:
    return f"{plane.url}/v2/keys{path}"


@pytest.mark.parametrize(
    ("credentials", "status"),
    [
        (("script", "s3:cret"), 200),
        (("script", "s3"), 401),
        (("script", ""), 401),
        (("other", "s3:cret"), 401),
        (("empty", ""), 401),
        (("", ""), 401),
        (None, 401),
    ],
)
@pytest.mark.parametrize("path", ["/v2/keys", "/v2/machines", "/version"])
def test_a_user_has_a_password(
    locked: ControlPlane, credentials: tuple[str, str] | None, status: int, path: str
) -> None:
    reply = WEB.get(locked.url + path, auth=credentials)

    assert reply.status_code == status
    if status == 401:
        assert reply.json()["errorCode"] == 110
        assert reply.headers["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize("given", ["Basic", "Basic ///", "Basic Og==", "Bearer x", "x", "basic"])
def test_broken_credentials_are_none(locked: ControlPlane, given: str) -> None:
    assert WEB.get(keys(locked, "/"), headers={"Authorization": given}).status_code == 401


def test_only_what_is_below_the_prefix_is_there(locked: ControlPlane) -> None:
    with locked.http("") as http:
        http.auth = httpx.BasicAuth("script", "s3:cret")
        http.put("/v2/keys/a", data={"value": "1"})
        shown = http.get("/v2/keys/?recursive=true").json()["node"]["nodes"]

    assert [(each["key"], each["value"]) for each in shown] == [("/a", "1")]
    assert locked.command("kv", "get", "/site/a").wait(20) == 0


def test_who_is_far_is_told_so() -> None:
    with v2_server("redis", {"networks": ["192.0.2.0/24"]}) as plane:
        reply = WEB.put(keys(plane, "/a"), data={"value": "1"})

        assert reply.status_code == 403
        assert reply.json()["cause"] == "127.0.0.1 is in none of etcd2.networks"


def test_it_is_off_unless_it_is_switched_on() -> None:
    with v2_server("redis", {"enabled": False}) as plane:
        for path in ("/v2/keys", "/version", "/new"):
            assert WEB.get(plane.url + path).status_code == 404


@pytest.mark.parametrize("headers", [{"Origin": "http://evil"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_browser_lends_nobody_its_network(
    plane: ControlPlane, headers: dict[str, str], at: str
) -> None:
    reply = WEB.put(keys(plane, at), data={"value": "1"}, headers=headers)

    assert reply.status_code == 403
    assert WEB.get(keys(plane, at)).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/bootstrapper/etcd2/keys/a", 403),
        ("PUT", "/bootstrapper/fleet/leader", 403),
        ("PUT", "/bootstrapper", 403),
        ("POST", "/bootstrapper", 403),
        ("POST", "/bootstrapper/fleet/nodes", 403),
        ("DELETE", "/bootstrapper?recursive=true", 403),
        ("DELETE", "/bootstrapper/fleet/x?prevValue=1", 403),
        ("GET", "/bootstrapper", 404),
        ("GET", "/bootstrapper/etcd2?recursive=true", 404),
        ("PUT", "/%62ootstrapper/a", 403),
        ("PUT", "//bootstrapper//a", 403),
    ],
)
def test_what_is_ours_is_not_theirs(
    plane: ControlPlane, method: str, path: str, status: int
) -> None:
    raw = urllib3.request(method, keys(plane, path), body=b"value=1", headers=FORM, redirect=False)

    assert raw.status == status
    assert raw.json()["errorCode"] in (100, 107)
    root = WEB.get(keys(plane, "/?recursive=true")).json()["node"].get("nodes", [])
    assert not [each for each in root if each["key"].startswith("/bootstrapper")]


BAD: list[tuple[str, bytes, dict[str, str], int]] = [
    ("/a%zz", b"value=1", FORM, 400),
    ("/a%", b"value=1", FORM, 400),
    ("/%ff", b"value=1", FORM, 400),
    ("/a%00", b"value=1", FORM, 400),
    ("/a%0ab", b"value=1", FORM, 400),
    ("/a%7f", b"value=1", FORM, 400),
    ("/../a", b"value=1", FORM, 400),
    ("/a/%2e%2e/b", b"value=1", FORM, 400),
    ("/./a", b"value=1", FORM, 400),
    ("/" + "x" * 2100, b"value=1", FORM, 400),
    ("/" + "/".join("x" * 50), b"value=1", FORM, 400),
    ("/a", b"value=%zz", FORM, 400),
    ("/a", b"value=%", FORM, 400),
    ("/a", b"value=1;ttl=5", FORM, 400),
    ("/a", b"value=1&ttl=x", FORM, 400),
    ("/a", b"value=1&ttl=-5", FORM, 400),
    ("/a", b"value=1&ttl=1e3", FORM, 400),
    ("/a", b"value=1&ttl=" + b"0" * 9000, FORM, 400),
    ("/a", b"value=1&ttl=" + b"9" * 9000, FORM, 400),
    ("/a", b"value=1&ttl=9000000001", FORM, 400),
    ("/a", b"value=1&ttl=\xd9\xa3", FORM, 400),
    ("/a", b"value=1&prevIndex=1.0", FORM, 400),
    ("/a", b"value=1&dir=perhaps", FORM, 400),
    ("/a", b"value=" + b"x" * 1_100_000, FORM, 413),
    ("/a", b'{"value": 1}', {"Content-Type": "application/json"}, 400),
    ("/a", b"--x\r\n", {"Content-Type": "multipart/form-data; boundary=x"}, 400),
]


@pytest.mark.parametrize(("path", "body", "headers", "status"), BAD)
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_bad_input_is_told_in_v2s_words_and_changes_nothing(
    plane: ControlPlane, method: str, path: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    before = everything(plane)
    link = HTTPConnection(plane.url.removeprefix("http://"), timeout=10)  # sends any path as it is
    link.request(method, f"/v2/keys{path}", body, headers)
    reply = link.getresponse()
    told = json.loads(reply.read())
    link.close()

    assert reply.status == status
    assert {"errorCode", "message", "cause", "index"} == told.keys()
    assert everything(plane) == before


def everything(plane: ControlPlane) -> str:
    shown = WEB.get(keys(plane, "/?recursive=true")).text
    return re.sub(r'"ttl":\d+', "", shown)


def test_large_values_are_kept_whole(plane: ControlPlane, at: str) -> None:
    """Near the least limit of the two stores, and as events too."""
    values = ["x" * 1_000_000, "y" * 1_000_000]
    indexes = [put(plane, at, value) for value in values]

    assert WEB.get(keys(plane, at)).json()["node"]["value"] == values[1]
    for index, value in zip(indexes, values, strict=True):
        told = WEB.get(keys(plane, f"{at}?wait=true&waitIndex={index}")).json()
        assert told["node"]["value"] == value
    assert told["prevNode"]["value"] == values[0]


def put(plane: ControlPlane, path: str, value: str) -> int:
    """Its modifiedIndex."""
    reply = WEB.put(keys(plane, path), data={"value": value})
    assert reply.is_success, reply.text
    return int(reply.json()["node"]["modifiedIndex"])


def test_what_a_delete_says_in_its_form_counts(plane: ControlPlane, at: str) -> None:
    """etcd would ignore the guard and delete."""
    put(plane, at, "1")
    guard = {"prevValue": "2"}

    assert WEB.request("DELETE", keys(plane, at), data=guard).status_code == 412


def test_headers_are_named_as_etcd_names_them(plane: ControlPlane, at: str) -> None:
    port = int(plane.url.rpartition(":")[2])
    with urllib3.HTTPConnectionPool("127.0.0.1", port) as pool:
        names = list(pool.urlopen("PUT", f"/v2/keys{at}?value=1").headers)

    wanted = {"X-Etcd-Index", "X-Raft-Index", "X-Raft-Term", "X-Etcd-Cluster-Id", "Content-Type"}
    assert wanted <= set(names)


def test_a_watch_says_that_it_stands_and_then_what_happens(plane: ControlPlane, at: str) -> None:
    url = keys(plane, f"{at}?wait=true&recursive=true")
    with WEB.stream("GET", url, timeout=10) as watch:
        assert watch.status_code == 200
        index = int(watch.headers["X-Etcd-Index"])
        began = time.monotonic()
        WEB.put(keys(plane, f"{at}/_hidden"), data={"value": "0"})
        done = WEB.put(keys(plane, f"{at}/b"), data={"value": "1"}).json()
        watch.read()

    assert watch.json() == done
    assert done["node"]["modifiedIndex"] > index
    assert time.monotonic() - began < 2


def test_a_stream_tells_all(plane: ControlPlane, at: str) -> None:
    url = keys(plane, f"{at}?wait=true&recursive=true&stream=true")
    with WEB.stream("GET", url, timeout=10) as watch:
        for number in range(5):
            WEB.put(keys(plane, f"{at}/{number}"), data={"value": "1"})
        lines = watch.iter_lines()
        heard = [next(lines) for _ in range(5)]

    assert [f'"key":"{at}/{number}"' in line for number, line in enumerate(heard)] == [True] * 5


def test_a_watch_of_a_future_index_waits_for_it(plane: ControlPlane, at: str) -> None:
    now = int(WEB.put(keys(plane, at), data={"value": "0"}).headers["X-Etcd-Index"])
    heard: list[str] = []

    def wait() -> None:
        reply = WEB.get(keys(plane, f"{at}?wait=true&waitIndex={now + 1001}"), timeout=10)
        heard.append(reply.json()["node"]["value"])

    waiter = threading.Thread(target=wait)
    waiter.start()
    for number in range(1, 4):
        WEB.put(keys(plane, at), data={"value": str(number)})
    waiter.join(10)

    assert heard == ["2"]


def test_many_may_wait_while_others_work(plane: ControlPlane, at: str) -> None:
    count = 100

    async def scene() -> tuple[list[str], float]:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(limits=limits, timeout=30) as http:
            url = keys(plane, f"{at}?wait=true&recursive=true")
            waiters = [asyncio.create_task(http.get(url)) for _ in range(count)]
            began = time.monotonic()
            for number in range(20):
                await http.put(keys(plane, f"{at}s/{number}"), data={"value": "1"})
            busy = time.monotonic() - began
            await asyncio.sleep(0)
            while not all(waiter.done() for waiter in waiters):
                await http.put(keys(plane, f"{at}/go"), data={"value": "now"})
            return [waiter.result().json()["node"]["value"] for waiter in waiters], busy

    values, busy = asyncio.run(scene())
    assert values == ["now"] * count
    assert busy < 10


def test_the_store_that_is_away_is_an_internal_error() -> None:
    with v2_server("redis") as plane:
        WEB.put(keys(plane, "/a"), data={"value": "1"})
        plane.redis.kill()
        reply = WEB.get(keys(plane, "/a"), timeout=30)
        assert reply.status_code == 503
        assert reply.json()["errorCode"] == 300
        plane.redis.restart()

        eventually(lambda: WEB.get(keys(plane, "/a")).status_code == 200, within=10)
        with WEB.stream("GET", keys(plane, "/a?wait=true")) as watch:
            plane.stop("serve", within=4)
            assert watch.read() == b""


def test_the_url_of_a_user_has_its_password(locked: ControlPlane) -> None:
    word = base64.b64encode(b"script:s3:cret").decode()
    reply = WEB.get(f"{locked.url}/new", headers={"Authorization": f"Basic {word}"})

    assert reply.text.startswith(f"{locked.url}/v2/keys/discovery/")
