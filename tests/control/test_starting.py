"""A job is judged once more before it starts, on a real Redis: the world may have moved on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bootstrapper.control.approve import approve
from bootstrapper.control.keeper import Keeper
from bootstrapper.control.launch import launch
from bootstrapper.control.parts import Parts, make_parts
from bootstrapper.control.starting import let_in
from bootstrapper.errors import Conflict, Denied
from bootstrapper.events import JobWaiting
from bootstrapper.jobs.job import Job, Options
from bootstrapper.jobs.states import State
from bootstrapper.policy.actors import Actor
from bootstrapper.settings import Policy, Redis, Settings
from support.redis import RedisServer

ADA = Actor(name="user:ada")
GROUPS = """
[groups]
elders = ["user:eva", "user:eli"]
others = ["user:oda"]
"""
ALLOW = GROUPS + '[[rule]]\nname = "all"\nverdict = "allow"\nactors = ["user:*"]\n'
DENY = ALLOW.replace('"allow"', '"deny"')
CALM = ALLOW + "during_freeze = true\n"


def approvals(count: int, group: str) -> str:
    asked = f'approvals = {{ count = {count}, group = "{group}", expires = "1h" }}\n'
    return ALLOW.replace('"allow"', '"approve"') + asked


@pytest.fixture
def parts(redis_server: RedisServer, prefix: str, tmp_path: Path) -> Iterator[Parts]:
    file = tmp_path / "policy.toml"
    file.write_text(ALLOW)
    settings = Settings(
        state=str(tmp_path / "state"),
        redis=Redis(url=redis_server.url, prefix=prefix),
        policy=Policy(file=str(file)),
    )
    made = make_parts(settings)
    yield made
    made.redis.close()


def rule(parts: Parts, text: str) -> None:
    """From now on."""
    Path(parts.settings.policy.file).write_text(text + "\n" * (len(text) % 7))


def asked(parts: Parts, **options: object) -> Job:
    return launch(parts, ADA, "sync-content", {}, Options(**options))  # type: ignore[arg-type]


def taken(parts: Parts, job: Job) -> bool:
    """As a slot does it."""
    return let_in(parts, job.id) and bool(parts.jobs.claim(job.id, "worker", job.id, 10).ids)


def waits(parts: Parts, job: Job) -> tuple[State, str]:
    now = parts.jobs.get(job.id)
    return now.state, now.waits_for


def test_a_queued_job_does_not_start_in_a_freeze_and_goes_on_after_it(parts: Parts) -> None:
    job = asked(parts)
    keeper = Keeper(parts, "worker", 1)
    freeze = parts.freezes.add("*", "the sale", "user:eva", None)

    assert not taken(parts, job)
    assert waits(parts, job) == (State.WAITING, "freeze")
    assert "everything is frozen by user:eva" in parts.jobs.get(job.id).reason
    keeper.turn()
    assert not taken(parts, job)

    parts.freezes.end(freeze.id)
    keeper.turn()

    assert waits(parts, job) == (State.PENDING, "")
    assert taken(parts, job)
    said = [entry.event for entry in parts.jobs.journal(job.id)]
    assert [event.for_ for event in said if isinstance(event, JobWaiting)] == ["freeze"]


def test_a_job_that_waits_for_a_lock_does_not_start_in_a_freeze(parts: Parts) -> None:
    holder, job, behind = (asked(parts, locks=("migration",)) for _ in range(3))
    assert taken(parts, holder)
    assert not taken(parts, job)
    freeze = parts.freezes.add("*", "", "user:eva", None)
    parts.jobs.finish(parts.jobs.get(holder.id), State.SUCCESSFUL, "done")

    assert not taken(parts, job)
    assert waits(parts, job) == (State.WAITING, "freeze")

    rule(parts, CALM)
    assert taken(parts, behind), "who waits for a freeze is in nobody's way"
    parts.jobs.finish(parts.jobs.get(behind.id), State.SUCCESSFUL, "done")
    parts.freezes.end(freeze.id)
    Keeper(parts, "worker", 1).turn()
    assert taken(parts, job)


def test_a_rule_that_goes_on_during_freezes_does(parts: Parts) -> None:
    rule(parts, CALM)
    job = asked(parts)
    parts.freezes.add("*", "", "user:eva", None)

    assert taken(parts, job)


def test_an_approved_job_waits_for_the_end_of_a_freeze(parts: Parts) -> None:
    rule(parts, approvals(1, "elders"))
    job = asked(parts)
    parts.freezes.add("*", "", "user:eva", None)

    approve(parts, Actor(name="user:eva", groups=frozenset({"elders"})), job.id)

    assert waits(parts, job) == (State.WAITING, "freeze")


def test_a_frozen_job_can_be_ended(parts: Parts) -> None:
    job = asked(parts)
    parts.freezes.add("*", "", "user:eva", None)
    assert not taken(parts, job)

    parts.jobs.finish(parts.jobs.get(job.id), State.CANCELED, "never mind")

    assert parts.jobs.get(job.id).state is State.CANCELED


def test_what_the_policy_no_longer_allows_does_not_start(parts: Parts) -> None:
    job = asked(parts, locks=("a",))
    rule(parts, DENY)

    assert not taken(parts, job)

    ended = parts.jobs.get(job.id)
    assert ended.state is State.CANCELED
    assert ended.reason == "no longer allowed: rule 'all' denies it"


def test_what_the_policy_now_wants_approved_asks_for_it(parts: Parts) -> None:
    job = asked(parts)
    rule(parts, approvals(1, "elders"))

    assert not taken(parts, job)
    assert waits(parts, job) == (State.WAITING, "approval")
    approve(parts, Actor(name="user:eva", groups=frozenset({"elders"})), job.id)

    assert taken(parts, job)


@pytest.mark.parametrize("now", [approvals(2, "elders"), approvals(1, "others")])
def test_approvals_that_are_no_longer_enough_are_asked_anew(parts: Parts, now: str) -> None:
    rule(parts, approvals(1, "elders"))
    eva, eli, oda = (
        Actor(name=f"user:{name}", groups=frozenset({group}))
        for name, group in (("eva", "elders"), ("eli", "elders"), ("oda", "others"))
    )
    job = asked(parts)
    rule(parts, now)

    approve(parts, eva, job.id)

    asked_now = parts.jobs.get(job.id)
    assert (asked_now.state, asked_now.waits_for) == (State.WAITING, "approval")
    assert asked_now.approved_by == ()
    if now == approvals(1, "others"):
        with pytest.raises(Denied, match="only members of others may"):
            approve(parts, eva, job.id)
        approve(parts, oda, job.id)
    else:
        approve(parts, eva, job.id)
        with pytest.raises(Conflict, match="approved already"):
            approve(parts, eva, job.id)
        approve(parts, eli, job.id)
    assert taken(parts, job)


def test_who_has_left_the_group_since_has_not_approved(parts: Parts) -> None:
    two = approvals(2, "elders")
    rule(parts, two)
    job = asked(parts)
    eva, eli = (Actor(name=f"user:{name}", groups=frozenset({"elders"})) for name in ("eva", "eli"))
    approve(parts, eva, job.id)
    rule(parts, two.replace('"user:eva", ', ""))

    approve(parts, eli, job.id)

    found = parts.jobs.get(job.id)
    assert (found.state, found.waits_for, found.approved_by) == (State.WAITING, "approval", ())
