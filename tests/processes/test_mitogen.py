"""The faster strategy gives the same results."""

from collections.abc import Iterator

import pytest

from bootstrapper.events import HostResult
from bootstrapper.jobs.states import State
from support.site import Site, new_site
from support.sshd import Sshd

pytest.importorskip("ansible_mitogen")


@pytest.fixture(scope="module")
def fast(sshd: Sshd) -> Iterator[Site]:
    with new_site(sshd, {"ansible": {"strategy": "mitogen"}}) as made:
        yield made


def test_a_role_runs_with_mitogen(fast: Site) -> None:
    request = {"roles": ["hello", "stamp"], "hosts": ["web-1", "web-2"]}

    job = fast.run("apply-roles", request | {"diff": True})

    assert (job.state, job.reason) == (State.SUCCESSFUL, "2 of 2 hosts done")
    assert fast.left("web-2", "hello") == "hello world\n"
    results = [e for e in fast.plane.events(job.id) if isinstance(e, HostResult)]
    assert {(result.host, result.status) for result in results} == {
        ("web-1", "changed"), ("web-2", "changed"),
    }  # fmt: skip


def test_it_leaves_no_ssh_behind_that_mitogen_does_without(fast: Site) -> None:
    job = fast.run("run-module", {"hosts": ["web-1", "gone-1"], "module": "ping"})

    assert (job.state, job.reason) == (State.FAILED, "1 of 2 hosts failed: gone-1")


def test_its_connection_waits_for_the_next_run(fast: Site) -> None:
    fast.run("run-module", {"hosts": ["web-1"], "module": "ping"})

    sockets = [*(fast.plane.state / "cp").glob("*/*")]
    assert sockets
    assert all(socket.is_socket() for socket in sockets)
