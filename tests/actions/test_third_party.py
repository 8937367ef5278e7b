"""An action of somebody else's package: found by its entry point, and served like our own."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bootstrapper.errors import Denied, Mistake
from bootstrapper.events import Said
from bootstrapper.jobs.states import State
from support.packages import install
from support.site import Site, new_site
from support.sshd import Sshd

SOURCE = Path(__file__).parent.parent / "example_action"


@pytest.fixture(scope="module")
def extended(sshd: Sshd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = install(SOURCE, tmp_path_factory.mktemp("packages") / "site")
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    with new_site(sshd, environ={"PYTHONPATH": path}) as made:
        yield made


def test_it_runs_as_a_job(extended: Site) -> None:
    job = extended.run("count-words", {"text": "to be or not"})

    assert (job.state, job.reason, job.risk) == (State.SUCCESSFUL, "4 words", "read")
    assert Said(text="4 words") in extended.plane.events(job.id)
    assert extended.owner.artifact(job.id, "count") == b"4"


def test_it_is_listed_and_described(extended: Site) -> None:
    listed = {each.name: each for each in extended.owner.actions()}
    described = extended.plane.http().get("/openapi.json").json()

    assert listed["count-words"].summary == "Count the words of a text"
    operation = described["paths"]["/api/v1/actions/count-words"]["post"]
    assert operation["operationId"] == "launchCountWords"
    assert "CountWords" in described["components"]["schemas"]


def test_its_requests_are_checked(extended: Site) -> None:
    with pytest.raises(Mistake) as caught:
        extended.owner.launch("count-words", {"text": ""})

    assert caught.value.field == "text"


def test_the_policy_knows_it_by_its_name(extended: Site) -> None:
    reader, plain = extended.plane.as_actor("reader"), extended.plane.as_actor("plain")

    with pytest.raises(Denied, match="no rule allows token:frugal-not count-words"):
        extended.plane.as_actor("frugal-not").launch("count-words", {"text": "a"})
    # "looks" lets them do whatever only reads, and this only reads
    for actor in (reader, plain):
        assert actor.launch("count-words", {"text": "a"}).rule == "looks"
