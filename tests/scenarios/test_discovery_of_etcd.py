"""Three real etcd processes find each other through our discovery URL; nobody else gets in."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from support.control import ControlPlane
from support.eventually import eventually
from support.joining import Joining
from support.services import short_folder
from support.v2 import STORES, v2_server


@pytest.fixture(scope="module", params=STORES)
def plane(request: pytest.FixtureRequest) -> Iterator[ControlPlane]:
    with v2_server(request.param) as made:
        yield made


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder("join") as made:
        yield made


def command(plane: ControlPlane, *words: str) -> str:
    log = plane.folder / "command.out"
    with log.open("wb") as out:
        assert plane.command("discovery", *words, log=out).wait(20) == 0, log.read_text()
    return log.read_text()


def test_three_form_a_cluster_and_nobody_else_gets_in(plane: ControlPlane, folder: Path) -> None:
    url = command(plane, "new", "--size", "3").strip()
    token = url.rpartition("/")[2]
    members = [Joining(folder, name, url).start() for name in ("a", "b", "c")]
    late = Joining(folder, "late", url)
    try:
        for member in members:
            eventually(lambda member=member: member.members() == 3, within=30, what=member.said)  # type: ignore[misc]
        assert f"{token}: 3 of 3 members" in command(plane, "show", token)

        assert late.start().ended() != 0
        assert "cluster is full" in late.said

        members[0].kill()
        members[0].wipe()
        assert members[0].start().ended() != 0
        assert "member has been registered" in members[0].said

        command(plane, "rm", token)
        late.wipe()
        assert late.start().ended() != 0
    finally:
        for member in (*members, late):
            member.kill()


def test_those_who_come_first_wait_for_the_rest(plane: ControlPlane, folder: Path) -> None:
    """Over a restart of `serve` too: what happened is in the store."""
    url = httpx.get(f"{plane.url}/new?size=2").text
    first = Joining(folder, "first", url).start()
    second = Joining(folder, "second", url)
    try:
        token = url.rpartition("/")[2]
        found = lambda: len(json.loads(command(plane, "show", token, "--json"))["members"]) == 1  # noqa: E731
        eventually(found, within=15)
        plane.restart("serve")
        eventually(plane.answers, within=20)
        second.start()

        eventually(lambda: first.members() == 2 and second.members() == 2, within=30)
    finally:
        first.kill()
        second.kill()


@pytest.mark.parametrize("size", ["0", "x", "-1", "1001", "99999", ""])
def test_a_cluster_has_a_size(plane: ControlPlane, size: str) -> None:
    reply = httpx.get(f"{plane.url}/new?size={size}")

    assert reply.status_code == 400
    assert reply.json()["errorCode"] == 209


def test_put_makes_a_token_too(plane: ControlPlane) -> None:
    url = httpx.put(f"{plane.url}/new?size=5").text

    assert httpx.get(f"{url}/_config/size").json()["node"]["value"] == "5"
