"""`bootstrapper up`: whoever of its children is killed comes back, and nothing accepted is lost."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bootstrapper.client import Job
from bootstrapper.errors import Error
from bootstrapper.events import TaskStarted
from bootstrapper.jobs.states import State
from support.control import ControlPlane
from support.eventually import eventually
from support.processes import alive, children, commands
from support.services import short_folder
from support.site import Site
from support.sshd import Sshd

BACK = 25.0  # seconds
PING = {"hosts": ["web-2"], "module": "ping"}


class UpSite(Site):
    """A site whose processes are the children of one `up`."""

    def __init__(self, folder: Path, sshd: Sshd) -> None:
        super().__init__(folder, sshd, {"jobs": {"slots": 2, "grace": 2.0, "lost_after": 3.0}}, {})
        self.up: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.plane.folder / "up.log").open("ab") as log:
            self.up = self.plane.command("up", log=log)
        self.plane.ready()

    @property
    def pid(self) -> int:
        assert self.up is not None
        return self.up.pid

    def child(self, word: str) -> int:
        """The one in whose command line this is; 0 when there is none."""
        found = [pid for pid in children(self.pid) if any(word in c for c in commands({pid}))]
        return found[0] if found else 0


@pytest.fixture(scope="module")
def whole(sshd: Sshd) -> Iterator[UpSite]:
    with short_folder("up") as folder:
        made = UpSite(folder, sshd)
        made.start()
        try:
            yield made
        finally:
            assert made.up is not None
            made.up.terminate()
            made.up.wait(30)


def in_a_task(whole: UpSite) -> Job:
    request = {"roles": ["sleepy"], "hosts": ["web-1"], "extra_vars": {"pause": 2}}
    job = whole.owner.launch("apply-roles", request)
    eventually(
        lambda: any(isinstance(event, TaskStarted) for event in whole.plane.events(job.id)),
        within=20,
        what="a task has begun",
    )
    return job


def ended(whole: UpSite, job: Job) -> Job | None:
    """While the API is away nobody knows."""
    try:
        now = whole.owner.job(job.id)
    except Error:
        return None
    return now if now.final else None


@pytest.mark.parametrize("victim", [" serve", "redis-server"])
def test_a_child_that_is_killed_comes_back(whole: UpSite, victim: str) -> None:
    """What becomes of the jobs of a worker that is killed, `test_crashes` says."""
    job = in_a_task(whole)
    pid = whole.child(victim)
    others = {each for word in (" serve", " work", "redis-server") if (each := whole.child(word))}

    os.kill(pid, signal.SIGKILL)

    eventually(lambda: whole.child(victim) not in (0, pid), within=BACK, what="it comes back")
    done = eventually(lambda: ended(whole, job), within=BACK)
    assert done is not None
    assert (done.state, done.attempt) == (State.SUCCESSFUL, 1), done.reason
    whole.plane.journal(job.id)  # without a gap
    whole.plane.ready()
    assert all(map(alive, others - {pid}))
    assert whole.run("run-module", PING).state is State.SUCCESSFUL


def test_up_itself_killed_and_started_at_once_comes_back_whole(whole: UpSite) -> None:
    """Its children end by themselves; who starts it again, as systemd does, need not wait."""
    job = in_a_task(whole)
    old = children(whole.pid)
    assert whole.up is not None
    whole.up.kill()
    whole.up.wait()

    whole.start()

    eventually(lambda: not any(map(alive, old)), within=BACK, what="the old ones ended")
    done = eventually(lambda: ended(whole, job), within=BACK)
    assert done is not None
    assert done.state is State.SUCCESSFUL
    eventually(lambda: len(children(whole.pid)) == 3, within=BACK, what="all are its children")
    whole.plane.ready()


def test_a_redis_that_was_there_before_is_replaced_when_it_ends(whole: UpSite) -> None:
    assert whole.up is not None
    whole.up.terminate()
    whole.up.wait(30)
    whole.plane.redis.start()
    whole.start()
    assert not whole.child("redis-server")

    whole.plane.redis.kill()

    eventually(lambda: whole.child("redis-server"), within=BACK, what="one of its own")
    eventually(lambda: done_a_ping(whole), within=BACK)


def done_a_ping(whole: UpSite) -> bool:
    try:
        return whole.run("run-module", PING).state is State.SUCCESSFUL
    except Error:
        return False


def test_a_worker_that_was_drained_stays_away_until_up_is_restarted(whole: UpSite) -> None:
    drain = whole.plane.command("work", "--drain")

    assert drain.wait(30) == 0
    log = whole.plane.folder / "up.log"
    eventually(lambda: "work is drained" in log.read_text(), within=10, what="up takes note")
    late = whole.owner.launch("run-module", PING)
    assert not whole.child(" work")
    assert whole.up is not None
    whole.up.terminate()
    whole.up.wait(30)
    whole.start()

    done = eventually(lambda: ended(whole, late), within=BACK)
    assert done is not None
    assert done.state is State.SUCCESSFUL


def test_told_to_end_it_ends_everything(whole: UpSite) -> None:
    all_of_it = children(whole.pid)
    assert len(all_of_it) == 3
    assert whole.up is not None

    whole.up.terminate()

    assert whole.up.wait(30) == 0
    assert not any(map(alive, all_of_it))


def said_by(plane: ControlPlane, *words: str) -> bytes:
    with (plane.folder / "said").open("wb+") as said:
        assert plane.command("kv", *words, log=said).wait(20) == 0
        said.seek(0)
        return said.read()


def test_with_templates_set_it_keeps_them_too() -> None:
    with short_folder("up") as folder:
        for name in ("conf.d", "templates"):
            (folder / name).mkdir()
        (folder / "templates" / "a.j2").write_text('{{ getv("/a") }}')
        (folder / "conf.d" / "a.toml").write_text(
            f'[template]\nsrc = "a.j2"\ndest = "{folder}/a"\nkeys = ["/a"]\n'
        )
        plane = ControlPlane(folder, {"templates": {"confdir": str(folder)}})
        with (folder / "up.log").open("ab") as log:
            up = plane.command("up", log=log)
        try:
            put = ("kv", "put", "/a", "1")
            eventually(lambda: plane.command(*put).wait(20) == 0, within=BACK, what="a store")
            eventually((folder / "a").exists, within=BACK, what="a file from the store")
            assert (folder / "a").read_text() == "1"
            revision = json.loads(said_by(plane, "put", "/a", "2", "--json"))["revision"]
            (board,) = (folder / "state").glob("templates/*/status.json")
            eventually(
                lambda: json.loads(board.read_bytes())["files"]["a"]["true_revision"] == revision,
                within=BACK,
                what="it is true to the revision of the put",
            )
        finally:
            up.terminate()
            assert up.wait(30) == 0
