"""Tasks that become another user on their host, over real SSH."""

import getpass
import pwd
import shutil
import subprocess

import pytest

from bootstrapper.events import HostResult
from bootstrapper.jobs.states import State
from support.services import need
from support.site import Site


@pytest.fixture(autouse=True)
def _sudo() -> None:
    """Or skip: only root becomes somebody without a password."""
    need("sudo")
    if subprocess.run(["sudo", "-n", "true"], check=False, capture_output=True).returncode:
        pytest.skip(f"sudo asks {getpass.getuser()} for a password")


def said(site: Site, job_id: str) -> list[str]:
    results = [event for event in site.plane.events(job_id) if isinstance(event, HostResult)]
    return [result.stdout for result in results]


def test_a_play_that_says_become_becomes(site: Site) -> None:
    theirs = site.scratch / "for-nobody"
    shutil.rmtree(theirs, ignore_errors=True)
    theirs.mkdir()
    for folder in (theirs, site.scratch, site.scratch.parent):
        folder.chmod(0o777 if folder == theirs else 0o711)
    request = {"roles": ["unprivileged"], "hosts": ["web-1"]}

    job = site.run("apply-roles", request)

    assert (job.state, job.reason) == (State.SUCCESSFUL, "1 of 1 hosts done")
    assert said(site, job.id)[:2] == [getpass.getuser(), "nobody"]
    assert (theirs / "web-1").stat().st_uid == pwd.getpwnam("nobody").pw_uid


def test_a_request_that_says_become_becomes_and_another_does_not(site: Site) -> None:
    given = {"ansible_become_user": "nobody"}  # root is whom it would become, and often is
    request = {"roles": ["unprivileged"], "hosts": ["web-1"], "extra_vars": given, "tags": ["who"]}

    for become, who in ((True, "nobody"), (False, getpass.getuser())):
        job = site.run("apply-roles", request | {"become": become})

        assert job.state is State.SUCCESSFUL, site.owner.log(job.id)
        assert said(site, job.id) == [who]


def test_whom_a_host_does_not_know_nobody_becomes(site: Site) -> None:
    given = {"ansible_become_user": "no-such-user"}
    request = {"roles": ["unprivileged"], "hosts": ["web-1"], "extra_vars": given}

    job = site.run("apply-roles", request)

    assert job.state is State.FAILED
    assert said(site, job.id)[0] == getpass.getuser()
