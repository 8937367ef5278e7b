"""The action of docs/how-to/add-an-action.md: what the page promises to whoever writes one."""

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bootstrapper.errors import Denied, Mistake
from bootstrapper.events import Said
from bootstrapper.jobs.states import State
from support.control import ControlPlane
from support.packages import install
from support.services import short_folder

SOURCE = Path(__file__).parent.parent / "example_action"
PAGE = (Path(__file__).parents[2] / "docs/how-to/add-an-action.md").read_text()
REQUEST = {"text": "the disk is full"}
POLICY = """
[[rule]]
name = "owner"
verdict = "allow"
actors = ["system:owner"]

[[rule]]
name = "paging"
verdict = "allow"
actors = ["token:desk"]
actions = ["page-on-call"]

[[rule]]
name = "quiet"
verdict = "deny"
actors = ["token:night"]
actions = ["page-*"]
"""


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    with short_folder("plane") as folder:
        packages = install(SOURCE, folder / "packages")
        (folder / "content").mkdir()
        (folder / "content/hosts").write_text("web-1\n")
        path = os.pathsep.join([str(packages), os.environ.get("PYTHONPATH", "")])
        made = ControlPlane(
            folder,
            {"content": {"path": str(folder / "content")}},
            POLICY,
            {"PYTHONPATH": path},
        )
        try:
            yield made.up()
        finally:
            made.down()


def test_the_page_shows_the_example() -> None:
    assert block("python") == (SOURCE / "src/pager.py").read_text()


def test_the_page_shows_its_entry_point() -> None:
    shown = tomllib.loads(block("toml"))["project"]["entry-points"]
    project = tomllib.loads((SOURCE / "pyproject.toml").read_text())["project"]

    for group, points in shown.items():
        assert points.items() <= project["entry-points"][group].items()


def test_it_has_a_route_with_its_fields(plane: ControlPlane) -> None:
    described = plane.http().get("/openapi.json").json()

    assert "post" in described["paths"]["/api/v1/actions/page-on-call"]
    fields = described["components"]["schemas"]["PageOnCall"]["properties"]
    assert fields["text"]["description"] == "what to say"


def test_it_runs_as_a_job(plane: ControlPlane) -> None:
    job = plane.owner.launch("page-on-call", REQUEST, wait=30)

    assert (job.state, job.reason) == (State.SUCCESSFUL, "paged")
    assert Said(text="paging: the disk is full") in plane.events(job.id)


def test_it_has_a_command_with_its_argument(plane: ControlPlane) -> None:
    said = plane.folder / "said"
    with said.open("wb") as log:
        code = plane.command("page", REQUEST["text"], log=log).wait(60)

    assert code == 0, said.read_text()
    assert "paging: the disk is full" in said.read_text()
    newest = plane.owner.jobs(limit=1).jobs[0]
    assert (newest.action, newest.request) == ("page-on-call", REQUEST)


def test_its_help_says_what_the_class_says(plane: ControlPlane) -> None:
    said = plane.folder / "help"
    with said.open("wb") as log:
        assert plane.command("page", "--help", log=log).wait(30) == 0

    for words in ("Page whoever is on call", "TEXT", "what to say"):
        assert words in said.read_text()


def test_the_policy_decides_on_its_name(plane: ControlPlane) -> None:
    assert plane.as_actor("desk").launch("page-on-call", REQUEST).rule == "paging"

    for name, rule in (("night", "quiet"), ("passer-by", "")):
        with pytest.raises(Denied) as caught:
            plane.as_actor(name).launch("page-on-call", REQUEST)
        assert caught.value.rule == rule
    with pytest.raises(Denied):
        plane.as_actor("desk").launch("sync-content", {})


@pytest.mark.parametrize(
    ("request_", "words"),
    [({}, "missing required field text"), ({"text": 1}, "Expected str"), ({"txt": "a"}, "txt")],
)
def test_its_requests_are_checked(
    plane: ControlPlane, request_: dict[str, object], words: str
) -> None:
    with pytest.raises(Mistake, match=words):
        plane.owner.launch("page-on-call", request_)
