"""Whoever is killed whenever, under load: every acknowledged job ends, and no journal has a gap."""

import random
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from bootstrapper.client import Job
from bootstrapper.errors import Error
from bootstrapper.events import JobEnded, JobQueued
from bootstrapper.ids import new_id
from bootstrapper.jobs.states import State
from support.eventually import eventually
from support.site import Site, new_site
from support.sshd import Sshd

HOSTS = ("web-1", "web-2", "web-3", "db-1", "stage-1", "stage-2")
JOBS = 8  # in one round
SETTLED = 30.0  # seconds after the last kill until every job has ended


@pytest.fixture(scope="module")
def mortal(sshd: Sshd) -> Iterator[Site]:
    with new_site(sshd) as made:
        yield made


def test_a_few_rounds(mortal: Site) -> None:
    survive(mortal, rounds=3, seed=2015)


@pytest.mark.long
@pytest.mark.timeout(100 * 120)
def test_many_rounds(mortal: Site) -> None:
    survive(mortal, rounds=100, seed=random.randrange(10**6))


def survive(site: Site, rounds: int, seed: int) -> None:
    dice = random.Random(seed)
    for number in range(rounds):
        jobs = load(site, dice)
        victim, moment = dice.choice(["work", "serve", "redis"]), dice.choice(list(MOMENTS))
        told = f"seed {seed}, round {number}: {victim} killed when {moment}"
        come, ended = partial(MOMENTS[moment], site, jobs), partial(all_ended, site, jobs)
        eventually(come, within=30, what=told)
        kill(site, victim)
        eventually(ended, within=SETTLED, what=told)
        for job in jobs:
            check(site, job, told)


def load(site: Site, dice: random.Random) -> list[Job]:
    """Launched and acknowledged."""
    jobs = []
    for _ in range(JOBS):
        given = {"pause": dice.choice([0, 0.2, 0.5]), "series": new_id()}
        role = dice.choice(["sleepy", "stamp"])
        hosts = [dice.choice(HOSTS)]
        request = {"roles": [role], "hosts": hosts, "extra_vars": given}
        if dice.random() < 0.3:
            name, request = "run-module", {"hosts": hosts, "args": "sleep 0.3"}
        else:
            name = "apply-roles"
        jobs.append(site.owner.launch(name, request))
    return jobs


def states(site: Site, jobs: list[Job]) -> list[State]:
    return [site.owner.job(job.id).state for job in jobs]


MOMENTS: dict[str, Callable[[Site, list[Job]], bool]] = {
    "all are acknowledged": lambda site, jobs: True,
    "one runs": lambda site, jobs: State.RUNNING in states(site, jobs),
    "one has ended": lambda site, jobs: any(map(final, states(site, jobs))),
    "half have ended": lambda site, jobs: sum(map(final, states(site, jobs))) >= JOBS / 2,
}


def final(state: State) -> bool:
    return state not in (State.PENDING, State.WAITING, State.RUNNING)


def kill(site: Site, victim: str) -> None:
    if victim == "redis":
        site.plane.redis.kill()
        site.plane.redis.restart()
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
