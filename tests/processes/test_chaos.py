"""Whoever is killed whenever, under load: every acknowledged job ends, and no journal has a gap."""

import os
import random
import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from bootstrapper.client import Job
from bootstrapper.errors import Error, Unavailable
from bootstrapper.events import JobEnded, JobQueued
from bootstrapper.ids import new_id
from bootstrapper.jobs.states import State
from support.eventually import eventually
from support.processes import children
from support.site import Site, new_site
from support.sshd import Sshd

HOSTS = ("web-1", "web-2", "web-3", "db-1", "stage-1", "stage-2")
VICTIMS = ("work", "serve", "redis", "slot")
JOBS = 8  # in one round
ACCEPTED = 25.0  # seconds until a launch is acknowledged, whoever is away meanwhile
SETTLED = 30.0  # seconds after the last kill until every job has ended


@pytest.fixture(scope="module")
def mortal(sshd: Sshd) -> Iterator[Site]:
    with new_site(sshd, {"jobs": {"lost_after": 4.0}}) as made:
        yield made


def test_a_few_rounds(mortal: Site) -> None:
    survive(mortal, rounds=3, seed=2023)


@pytest.mark.long
@pytest.mark.timeout(100 * 120)
def test_many_rounds(mortal: Site) -> None:
    survive(mortal, rounds=100, seed=random.randrange(10**6))


def survive(site: Site, rounds: int, seed: int) -> None:
    """Each round kills one to three of them while jobs are launched and run."""
    dice = random.Random(seed)
    killed: set[str] = set()
    for number in range(rounds):
        victims = dice.sample(VICTIMS, dice.randint(1, 3))
        moments = sorted(dice.randint(1, JOBS) for _ in victims)
        told = f"seed {seed}, round {number}: {victims} killed after {moments} launches"
        jobs = under_fire(site, victims, moments, random.Random(dice.random()), told)
        eventually(partial(all_ended, site, jobs), within=SETTLED, what=told)
        for job in jobs:
            check(site, job, told)
        newest = {job.id for job in site.owner.jobs(limit=JOBS + 1).jobs}
        assert len(newest - {job.id for job in jobs}) == (number > 0), f"{told}: accepted twice"
        site.plane.ready()
        killed |= set(victims)
    assert killed == set(VICTIMS)


def under_fire(
    site: Site, victims: list[str], moments: list[int], dice: random.Random, told: str
) -> list[Job]:
    """Launch them one after the other; meanwhile, after so many answers each, kill the victims."""
    jobs: list[Job] = []
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(load, site, dice, jobs)
        for victim, moment in zip(victims, moments, strict=True):
            eventually(partial(so_many, jobs, moment, loading), within=ACCEPTED, what=told)
            kill(site, victim)
        loading.result(timeout=JOBS * ACCEPTED)
    return jobs


def so_many(jobs: list[Job], moment: int, loading: Future[None]) -> bool:
    return len(jobs) >= moment or loading.done()


def load(site: Site, dice: random.Random, jobs: list[Job]) -> None:
    """Whoever gets no answer asks again with the same key: then it is one job all the same."""
    for _ in range(JOBS):
        name, request = a_request(dice)
        launch = partial(acknowledged, site, name, request, new_id())
        job = eventually(launch, within=ACCEPTED, what="a launch is acknowledged")
        assert job is not None
        jobs.append(job)


def a_request(dice: random.Random) -> tuple[str, dict[str, Any]]:
    hosts = [dice.choice(HOSTS)]
    if dice.random() < 0.3:
        return "run-module", {"hosts": hosts, "args": "sleep 0.3"}
    given = {"pause": dice.choice([0, 0.2, 0.5]), "series": new_id()}
    role = dice.choice(["sleepy", "stamp"])
    return "apply-roles", {"roles": [role], "hosts": hosts, "extra_vars": given}


def acknowledged(site: Site, name: str, request: dict[str, Any], key: str) -> Job | None:
    try:
        return site.owner.launch(name, request, idempotency_key=key)
    except Unavailable:
        return None


def kill(site: Site, victim: str) -> None:
    if victim == "redis":
        site.plane.redis.kill()
        site.plane.redis.restart()
    elif victim == "slot":
        slots = sorted(children(site.plane.pid("work")))[1:]  # the keeper was forked first
        for pid in slots[:2]:
            os.kill(pid, signal.SIGKILL)
    else:
        site.plane.restart(victim)


def all_ended(site: Site, jobs: list[Job]) -> bool:
    """While the API is away nobody knows."""
    try:
        now = [site.owner.job(job.id) for job in jobs]
    except Error:
        return False
    left = [f"{job.id} is {job.state}: {job.reason}" for job in now if not job.final]
    assert not left, left
    return True


def check(site: Site, job: Job, told: str) -> None:
    events = site.plane.events(job.id)  # numbered without a gap
    ended = site.owner.job(job.id)
    assert isinstance(events[0], JobQueued), told
    assert [event for event in events if isinstance(event, JobEnded)] == [
        JobEnded(state=ended.state, reason=ended.reason)
    ], told
    assert events[-1] == JobEnded(state=ended.state, reason=ended.reason), told
    allowed = (
        {State.SUCCESSFUL} if ended.action == "apply-roles" else {State.SUCCESSFUL, State.LOST}
    )
    assert ended.state in allowed, f"{told}: {ended.id} is {ended.state}: {ended.reason}"
