"""No room is left on the disk: what is accepted is kept, the rest is told, and room is enough."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bootstrapper.client import Job
from bootstrapper.errors import Error, Unavailable
from bootstrapper.jobs.states import State
from support.eventually import eventually
from support.services import short_folder
from support.site import Site
from support.sshd import Sshd

PING = {"hosts": ["web-2"], "module": "ping"}


@pytest.fixture
def small(sshd: Sshd) -> Iterator[Site]:
    """A site of one `up`, whose Redis has a disk of 4 MB of its own."""
    with short_folder("full") as folder:
        made = Site(folder, sshd, {"jobs": {"slots": 1, "grace": 2.0}}, {})
        disk = made.plane.state / "redis"
        disk.mkdir(parents=True)
        mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)]
        if subprocess.run(mount, check=False, capture_output=True).returncode:
            pytest.skip("only root may mount a small disk")
        with (folder / "up.log").open("ab") as log:
            up = made.plane.command("up", log=log)
        try:
            made.plane.ready()
            yield made
        finally:
            up.terminate()
            up.wait(30)
            subprocess.run(["umount", "-l", str(disk)], check=True)


def test_what_was_accepted_is_kept_and_all_goes_on_when_there_is_room(small: Site) -> None:
    assert small.run("run-module", PING).state is State.SUCCESSFUL
    filling = small.plane.state / "redis" / "filling"
    fill(filling)
    accepted: list[str] = []

    def told() -> bool:
        """Who asks is told to come again, and promised nothing, until Redis cannot even start."""
        try:
            accepted.append(small.owner.launch("run-module", PING).id)
        except Unavailable:
            return "no room is left" in (small.plane.folder / "up.log").read_text()
        return False

    eventually(told, within=20)
    filling.unlink()

    done = eventually(lambda: tried(small), within=30)
    assert done is not None
    assert done.state is State.SUCCESSFUL
    for each in accepted:
        assert small.end(each).state is State.SUCCESSFUL
        small.plane.journal(each)  # without a gap


def fill(file: Path) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(handle, bytes(4096))
    except OSError:  # full
        os.close(handle)


def tried(site: Site) -> Job | None:
    try:
        return site.run("run-module", PING)
    except Error:
        return None
