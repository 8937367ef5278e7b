"""Content in a git repository that a running worker looks at; what its runs may leave behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bootstrapper.client import Job
from bootstrapper.events import Said
from bootstrapper.jobs.states import State
from playbooks.repository import commit
from support.content import write_content
from support.eventually import eventually
from support.services import need, short_folder
from support.site import Site, new_site
from support.sshd import Sshd

TASKS = "roles/hello/tasks/main.yml"
ROOM = 1000  # bytes of one job's artifacts
SEEN = 10.0  # seconds until a commit is what runs


@pytest.fixture(scope="module")
def origin(sshd: Sshd) -> Iterator[Path]:
    need("git")
    with short_folder("origin") as folder:
        write_content(folder / "content", sshd, folder / "scratch")
        commit(folder / "content", {})
        yield folder / "content"


@pytest.fixture(scope="module")
def site(sshd: Sshd, origin: Path) -> Iterator[Site]:
    content = {"path": "", "git": str(origin), "poll": 0.3}
    with new_site(sshd, {"content": content, "jobs": {"artifact_bytes": ROOM}}) as made:
        yield made


def greeting(site: Site) -> Job:
    job = site.run("apply-roles", {"roles": ["hello"], "hosts": ["web-1"]})
    assert job.state is State.SUCCESSFUL, job.reason
    return job


def test_a_new_commit_is_what_the_next_job_runs(site: Site, origin: Path) -> None:
    """Nobody asked for a sync: a worker looks at the repository by itself."""
    scratch = origin.parent / "scratch" / "web-1-hello"
    before = greeting(site)
    assert scratch.read_text() == "hello world\n"
    edited = (origin / TASKS).read_text().replace("hello {{", "committed {{")

    new = commit(origin, {TASKS: edited})

    eventually(lambda: site.owner.content().commit == new, within=SEEN)
    after = greeting(site)
    assert scratch.read_text() == "committed world\n"
    assert before.commit != after.commit == new


def test_a_job_runs_the_commit_that_it_was_planned_with(site: Site, origin: Path) -> None:
    scratch = origin.parent / "scratch" / "web-2-hello"
    site.owner.lock("host:web-2", "so that it waits")
    job = site.owner.launch("apply-roles", {"roles": ["hello"], "hosts": ["web-2"]})
    site.waits(job.id)
    was = (origin / TASKS).read_text()

    new = commit(origin, {TASKS: was.replace('content: "', 'content: "later ')})

    eventually(lambda: site.owner.content().commit == new, within=SEEN)
    site.owner.unlock("host:web-2")
    assert site.end(job.id).state is State.SUCCESSFUL
    assert "later" not in scratch.read_text()


def test_what_is_too_large_is_named_in_the_journal_and_the_job_is_done(site: Site) -> None:
    request = {"roles": ["heap"], "hosts": ["web-1"], "extra_vars": {"bytes": ROOM + 1}}

    job = site.run("apply-roles", request)

    assert job.state is State.SUCCESSFUL
    assert [each.name for each in site.owner.artifacts(job.id)] == ["note.txt"]
    told = [event for event in site.plane.events(job.id) if isinstance(event, Said)]
    assert Said(text="artifact heap.txt is too large to keep", level="warning") in told


def test_what_just_fits_is_kept(site: Site) -> None:
    request = {"roles": ["heap"], "hosts": ["web-1"], "extra_vars": {"bytes": ROOM - 6}}

    job = site.run("apply-roles", request)

    kept = {each.name: each.size for each in site.owner.artifacts(job.id)}
    assert kept == {"heap.txt": ROOM - 6, "note.txt": 6}
