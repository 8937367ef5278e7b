"""From a real agent by its handler to a real server, and what the store says then."""

import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from bootstrapper import settings as settings_file
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.records import decode
from bootstrapper.fleet.values import Said
from bootstrapper.kv.open import open_store
from bootstrapper.kv.store import Keys
from support.control import ControlPlane, api_alone
from support.eventually import eventually
from support.serf import Agents
from support.services import need

POLICY = """
[[rule]]
name = "owner"
verdict = "allow"
actors = ["system:owner"]

[[rule]]
name = "handlers"
verdict = "allow"
actors = ["token:handler"]
actions = ["serf.write"]
hosts = ["web*", "here*", "there*"]
"""
PATH = "/api/v1/fleet/serf-events"
WEB = {"name": "web1", "address": "10.0.0.1", "role": "web", "tags": {"zone": "a"}}


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    with api_alone({}, POLICY) as made:
        yield made


@pytest.fixture
def handler(plane: ControlPlane) -> Iterator[httpx.Client]:
    with plane.http(plane.token("handler")) as client:
        yield client


@pytest.fixture(scope="module")
def store(plane: ControlPlane) -> Keys:
    file = plane.folder / "bootstrapper.toml"
    return open_store(settings_file.load(file))


def said(store: Keys, node: str) -> Said | None:
    entry = store.look(Paths().said(node))
    return decode(entry.value, Said) if entry else None


def event(*members: object, **fields: object) -> dict[str, object]:
    return {"event": "member-failed", "by": "lb1", "members": members, **fields}


def test_what_was_handed_over_stands_in_the_store(handler: httpx.Client, store: Keys) -> None:
    answer = handler.post(PATH, json=event(WEB, {"name": "web/2", "address": "x"}))
    assert answer.status_code == 422
    assert answer.json()["field"] == "members[1].name"

    answer = handler.post(PATH, json=event(WEB, {**WEB, "name": "web2"}))
    assert (answer.status_code, answer.json()) == (200, {"members": 2, "new": 2})
    known = said(store, "web1")
    assert known is not None
    assert msgspec.structs.replace(known, at=0.0) == Said(
        node="web1", event="member-failed", address="10.0.0.1", at=0.0, by="lb1", role="web",
        tags={"zone": "a"},
    )  # fmt: skip


def test_a_late_word_changes_nothing(handler: httpx.Client, store: Keys) -> None:
    web = {**WEB, "name": "web-late"}
    handler.post(PATH, json=event(web, event="member-join"))
    answer = handler.post(PATH, json=event(web, age=30.5))

    known = said(store, "web-late")
    assert answer.json() == {"members": 1, "new": 0}
    assert known is not None
    assert known.event == "member-join"


def test_the_form_of_the_script_is_taken_whatever_its_bytes(
    handler: httpx.Client, store: Keys
) -> None:
    form = (
        b"event=member-join&by=lb%201&age=0&members="
        b"web-form%0910.0.0.3%09web%09role%3Dweb%2Cmotd%3Dcaf%E9%0Anonsense%0A"
        b"caf%E9%0910.0.0.4%09%09%0A"
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    denied = handler.post(PATH, content=form, headers=headers)
    assert (denied.status_code, denied.json()["detail"].count("caf")) == (403, 0)

    answer = handler.post(PATH, content=form[:-22], headers=headers)
    known = said(store, "web-form")
    assert answer.json() == {"members": 1, "new": 1}, answer.text
    assert known is not None
    assert (known.event, known.by, known.role) == ("member-join", "lb 1", "web")
    assert known.tags["motd"].startswith("caf\\xe9")


@pytest.mark.parametrize(
    ("content", "media"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'{"event": "user", "by": "lb1", "members": []}', "application/json"),
        (b"event=member-join", "application/x-www-form-urlencoded"),
        (b"event=member-join&by=x&age=-1", "application/x-www-form-urlencoded"),
        (b"event=member-join&by=x&age=nan", "application/x-www-form-urlencoded"),
        (b"event=query&by=x&age=0", "application/x-www-form-urlencoded"),
        (b"&a=1" * 50, "application/x-www-form-urlencoded"),
    ],
)
def test_what_is_no_event_is_a_mistake(handler: httpx.Client, content: bytes, media: str) -> None:
    assert handler.post(PATH, content=content, headers={"Content-Type": media}).status_code == 422


def test_the_policy_says_who_may_tell_of_whom(plane: ControlPlane, handler: httpx.Client) -> None:
    with plane.http("") as anybody:
        assert anybody.post(PATH, json=event(WEB)).status_code == 401
    assert handler.post(PATH, json=event({**WEB, "name": "db1"})).status_code == 403
    assert handler.post(PATH, json=event(WEB)).status_code == 200
    with plane.http() as owner:
        entries = owner.get("/api/v1/audit", params={"limit": 1000}).json()["entries"]

    told = {(x["actor"], x["action"], x["effect"], tuple(x["first_hosts"])) for x in entries}
    assert told >= {
        ("token:handler", "serf.write", "deny", ("db1",)),
        ("token:handler", "serf.write", "allow", ("web1",)),
    }


def test_anybody_gets_the_script(plane: ControlPlane) -> None:
    with plane.http("") as anybody:
        answer = anybody.get("/serf-handler.sh")

    assert answer.headers["content-type"].startswith("text/x-shellscript")
    assert answer.text.startswith("#!/bin/sh\n")


@pytest.mark.parametrize("who", ["ours", "the script"])
def test_an_agent_that_sees_another_join_tells_it_by_its_handler(
    plane: ControlPlane, agents: Agents, store: Keys, tmp_path: Path, who: str
) -> None:
    """The other's tags hold whatever a line could end with."""
    need("curl")
    (tmp_path / "token").write_text(plane.token("handler"))
    script = tmp_path / "serf-handler.sh"
    with plane.http("") as anybody:
        script.write_bytes(anybody.get("/serf-handler.sh").content)
    script.chmod(0o755)
    run = str(script) if who == "the script" else f"{sys.executable} -m bootstrapper serf-handler"
    here = agents.start(
        "here",
        handlers=[f"member-join,member-leave,member-failed,member-update,member-reap={run}"],
        environ={
            "BOOTSTRAPPER_URL": plane.url,
            "BOOTSTRAPPER_TOKEN_FILE": str(tmp_path / "token"),
        },
    )
    there = agents.start("there", tags={"role": "db", "motd": "a,b=c\nd\te"})
    there.join(here)

    eventually(lambda: said(store, there.name), within=15)
    known = said(store, there.name)
    assert known is not None
    assert (known.event, known.address, known.by) == ("member-join", "127.0.0.1", here.name)
    assert known.role == "db"
    assert known.tags == {"role": "db", "motd": "a", "b": "c\\nd\\te"}  # nobody could tell
