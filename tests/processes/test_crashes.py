"""Processes that are killed in mid-flight: what was acknowledged is neither lost nor doubled."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bootstrapper.client import Job
from bootstrapper.events import Entry, JobEnded, JobRepeated, TaskStarted
from bootstrapper.ids import new_id
from bootstrapper.jobs.states import State
from support.eventually import eventually
from support.processes import alive, below, children
from support.site import Site, new_site
from support.sshd import Sshd

FOUND_OUT = 15.0  # seconds until a dead worker's job is lost, or run again
TOLD = 5.0  # seconds until a dead slot's is


@pytest.fixture(scope="module")
def mortal(sshd: Sshd) -> Iterator[Site]:
    """A site whose processes may be killed; each test leaves it whole."""
    with new_site(sshd) as made:
        yield made


def sleepy(site: Site, pause: float, *hosts: str, **options: Any) -> Job:
    given = {"pause": pause}
    request = {"roles": ["sleepy"], "hosts": hosts or ("web-1",), "extra_vars": given}
    return site.owner.launch("apply-roles", request, **options)


def in_a_task(site: Site, job_id: str) -> None:
    eventually(
        lambda: any(isinstance(event, TaskStarted) for event in site.plane.events(job_id)),
        within=20,
        what="a task has begun",
    )


def test_a_job_that_may_be_repeated_outlives_its_worker(mortal: Site) -> None:
    job = sleepy(mortal, 3)
    in_a_task(mortal, job.id)
    of_the_worker = below(mortal.plane.pid("work"))

    mortal.plane.restart("work")

    eventually(lambda: not any(map(alive, of_the_worker)), within=5, what="its forks ended")
    eventually(lambda: mortal.owner.job(job.id).attempt == 2, within=FOUND_OUT)
    assert mortal.end(job.id).state is State.SUCCESSFUL
    again = [e for e in mortal.plane.events(job.id) if isinstance(e, JobRepeated)]
    assert [event.reason for event in again] == ["its worker gave no sign of life; it is run again"]


def test_a_job_that_must_not_be_repeated_is_lost_with_its_worker(mortal: Site) -> None:
    job = mortal.owner.launch("run-module", {"hosts": ["web-1"], "args": "sleep 30"})
    in_a_task(mortal, job.id)
    waiter = mortal.owner.launch("run-module", {"hosts": ["web-1"], "module": "ping"})

    mortal.plane.restart("work")

    ended = mortal.end(job.id, within=FOUND_OUT)
    assert (ended.state, ended.reason) == (State.LOST, "its worker gave no sign of life")
    assert mortal.end(waiter.id).state is State.SUCCESSFUL  # its lock was let go
    nothing_is_left(mortal)


def test_another_worker_takes_over(mortal: Site) -> None:
    job = sleepy(mortal, 3)
    in_a_task(mortal, job.id)
    dead = mortal.owner.job(job.id).worker
    mortal.plane.start("work", label="other")
    eventually(lambda: len(children(mortal.plane.pid("other"))) > 1, within=20)

    mortal.plane.kill("work")

    eventually(lambda: mortal.owner.job(job.id).attempt == 2, within=FOUND_OUT)
    ended = mortal.end(job.id)
    assert ended.state is State.SUCCESSFUL
    assert ended.worker != dead
    mortal.plane.stop("other")
    mortal.plane.start("work")


def test_slots_that_are_killed_are_replaced_and_tell_the_end_of_their_jobs(mortal: Site) -> None:
    """Nobody waits for a silence: the parent saw them end."""
    again = sleepy(mortal, 2)
    never = mortal.owner.launch("run-module", {"hosts": ["web-2"], "args": "sleep 30"})
    for job in (again, never):
        in_a_task(mortal, job.id)
    work = mortal.plane.pid("work")
    slots = slots_of(mortal)

    for pid in slots:
        os.kill(pid, signal.SIGKILL)

    eventually(lambda: mortal.owner.job(again.id).attempt == 2, within=TOLD, what="it runs again")
    lost = mortal.end(never.id, within=TOLD)
    assert (lost.state, lost.reason) == (State.LOST, "its worker ended by signal 9")
    assert JobRepeated("its worker ended by signal 9; it is run again", 2) in mortal.plane.events(
        again.id
    )
    assert mortal.end(again.id).state is State.SUCCESSFUL
    assert len(children(work)) == len(slots) + 1
    assert not slots & children(work)
    nothing_is_left(mortal)


def nothing_is_left(site: Site) -> None:
    """Of the runs that were killed: their workspaces may hold copies of keys."""
    root = site.plane.state / "workspaces"
    eventually(lambda: not list(root.iterdir()), within=10, what="the workspaces are gone")


def test_a_slot_that_is_killed_while_draining_is_not_replaced(mortal: Site) -> None:
    job = mortal.owner.launch("run-module", {"hosts": ["web-1"], "args": "sleep 30"})
    in_a_task(mortal, job.id)
    (busy,) = [pid for pid in slots_of(mortal) if any(map(children, children(pid)))]
    mortal.plane.signal("work", signal.SIGTERM)
    eventually(lambda: children(mortal.plane.pid("work")) >= {busy}, within=5)

    os.kill(busy, signal.SIGKILL)

    mortal.plane.stop("work", within=TOLD)
    ended = mortal.owner.job(job.id)
    assert (ended.state, ended.reason) == (State.LOST, "its worker ended by signal 9")
    mortal.plane.start("work")
    mortal.plane.ready()


def slots_of(site: Site) -> set[int]:
    """The keeper is the first that `work` forks."""
    forks = children(site.plane.pid("work"))
    return forks - {min(forks)}


def test_redis_killed_in_mid_play_loses_nothing(mortal: Site) -> None:
    mortal.owner.lock("env:staging", "so that they wait")
    waiting = [
        mortal.owner.launch("apply-roles", {"roles": ["hello"], "hosts": ["stage-1"]})
        for _ in range(4)
    ]
    job = sleepy(mortal, 2)
    in_a_task(mortal, job.id)
    before = mortal.plane.journal(job.id)

    mortal.plane.redis.kill()
    mortal.plane.redis.restart()

    assert mortal.end(job.id).state is State.SUCCESSFUL
    after = mortal.plane.journal(job.id)
    assert after[: len(before)] == before
    assert mortal.owner.job(job.id).attempt == 1  # the play went on meanwhile
    mortal.owner.unlock("env:staging")
    for each in waiting:
        assert mortal.end(each.id).state is State.SUCCESSFUL


def test_what_was_acknowledged_is_on_disk(mortal: Site) -> None:
    """Redis is killed right after its answer: nothing accepted is in memory alone."""
    for _ in range(5):
        job = mortal.owner.launch(
            "apply-roles", {"roles": ["hello"], "hosts": ["db-1"], "extra_vars": {"x": new_id()}}
        )
        mortal.plane.redis.kill()
        mortal.plane.redis.restart()

        assert mortal.end(job.id, within=30).state is State.SUCCESSFUL


def test_a_reader_goes_on_when_the_api_comes_back(mortal: Site) -> None:
    job = sleepy(mortal, 4)
    read: list[Entry] = []

    def follow() -> None:
        read.extend(mortal.owner.follow(job.id, patience=30))

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(follow)
        in_a_task(mortal, job.id)
        mortal.plane.restart("serve")
        reading.result(timeout=40)

    assert [entry.seq for entry in read] == list(range(1, len(read) + 1))
    assert isinstance(read[-1].event, JobEnded)
    mortal.plane.ready()


def test_draining_finishes_what_runs_and_takes_nothing_new(mortal: Site) -> None:
    running = sleepy(mortal, 3)
    in_a_task(mortal, running.id)

    drain = mortal.plane.command("work", "--drain")
    work = mortal.plane.pid("work")
    eventually(lambda: len(children(work)) == 2, within=10, what="only its keeper and one slot")
    late = mortal.owner.launch("apply-roles", {"roles": ["hello"], "hosts": ["web-2"]})
    assert drain.wait(30) == 0

    assert mortal.owner.job(running.id).state is State.SUCCESSFUL
    assert mortal.owner.job(late.id).state is State.PENDING
    mortal.plane.start("work")
    assert mortal.end(late.id).state is State.SUCCESSFUL
