"""What people put in the way of jobs, on a real Redis."""

from datetime import UTC, datetime, timedelta

import pytest

from bootstrapper.clock import to_text, utc_now
from bootstrapper.control.brakes import Freezes, Hold, Holds, resource_of
from bootstrapper.errors import Conflict, Mistake, Unknown
from bootstrapper.jobs.store import Jobs
from bootstrapper.redis_link import Client
from support.specs import submitted

HOUR = timedelta(hours=1)


def a_hold(resource: str = "host:a", by: str = "user:ada", **fields: str) -> Hold:
    return Hold(resource=resource, by=by, since=to_text(utc_now()), **({"reason": ""} | fields))


def ago(time: timedelta) -> str:
    return to_text(utc_now() - time)


@pytest.fixture
def holds(client: Client, prefix: str) -> Holds:
    return Holds(client, prefix)


@pytest.fixture
def jobs(client: Client, prefix: str) -> Jobs:
    return Jobs(client, prefix)


@pytest.fixture
def freezes(client: Client, prefix: str) -> Freezes:
    return Freezes(client, prefix)


# — what can be held —


@pytest.mark.parametrize(
    ("text", "resource"),
    [
        ("prod", "env:prod"),
        ("env:prod", "env:prod"),
        ("host:10.0.0.1:22", "host:10.0.0.1:22"),
        ("name:the release", "name:the release"),
    ],
)
def test_what_a_person_writes_and_what_it_holds(text: str, resource: str) -> None:
    assert resource_of(text) == resource


@pytest.mark.parametrize("text", ["", ":", "host:", "user:ada", ":a", "env:" + "a" * 201])
def test_what_cannot_be_held(text: str) -> None:
    with pytest.raises(Mistake) as caught:
        resource_of(text)

    assert caught.value.field == "resource"


# — holds —


def test_a_hold_is_there_until_it_is_taken_away(holds: Holds) -> None:
    hold = a_hold(reason="a disk is being changed")
    holds.put(hold)

    assert (holds.get("host:a"), holds.all()) == (hold, [hold])
    assert holds.held_by("host:a") == {"user:ada (a disk is being changed)": "x"}
    assert holds.take_away("host:a") == hold
    assert (holds.all(), holds.held_by("host:a")) == ([], {})


def test_a_resource_is_held_by_one_person(holds: Holds) -> None:
    holds.put(a_hold(by="user:ada", reason="mine"))

    with pytest.raises(Conflict, match=r"host:a is held already, by user:ada \(mine\)"):
        holds.put(a_hold(by="user:bob"))
    assert holds.held_by("host:a") == {"user:ada (mine)": "x"}


@pytest.mark.parametrize("ask", [Holds.get, Holds.take_away])
def test_what_nobody_holds_is_unknown(holds: Holds, ask: object) -> None:
    assert callable(ask)
    with pytest.raises(Unknown, match="nobody holds 'host:z'"):
        ask(holds, "host:z")


def test_holds_are_listed_by_what_they_hold(holds: Holds) -> None:
    for resource in ("name:z", "env:prod", "host:a"):
        holds.put(a_hold(resource))

    assert [hold.resource for hold in holds.all()] == ["env:prod", "host:a", "name:z"]


@pytest.mark.parametrize(
    ("lock", "runs"),
    [
        pytest.param("env:prod/s", False, id="shared"),
        pytest.param("env:prod", False, id="for itself"),
        pytest.param("env:staging/s", True, id="of another env"),
    ],
)
def test_a_job_waits_for_a_person(holds: Holds, jobs: Jobs, lock: str, runs: bool) -> None:
    holds.put(a_hold("env:prod", reason="a release"))
    job = submitted(jobs, lock)

    taken = jobs.claim(job, "w", "1", 1)

    assert taken.ids == ((job,) if runs else ())
    assert holds.waiters("env:prod") == ([] if runs else [job])
    holds.take_away("env:prod")
    if not runs:
        assert jobs.get(job).held_by == "user:ada (a release)"
        assert jobs.claim(job, "w", "2", 1).ids == (job,)


def test_a_hold_is_beside_a_job_that_runs(holds: Holds, jobs: Jobs) -> None:
    job = submitted(jobs, "host:a")
    jobs.claim(job, "w", "1", 1)

    holds.put(a_hold())

    assert holds.held_by("host:a") == {job: "x", "user:ada": "x"}
    holds.take_away("host:a")
    assert holds.held_by("host:a") == {job: "x"}


@pytest.mark.parametrize(
    ("until", "stays"),
    [("", True), (ago(-HOUR), True), (ago(HOUR), False)],
    ids=["without an end", "before its end", "after its end"],
)
def test_mending_ends_what_is_over(holds: Holds, until: str, stays: bool) -> None:
    holds.put(a_hold(until=until))

    holds.mend()

    assert bool(holds.all()) is stays
    assert bool(holds.held_by("host:a")) is stays


def test_mending_locks_what_a_kill_left_unlocked(holds: Holds, client: Client, prefix: str) -> None:
    holds.put(a_hold())
    client.delete(f"{prefix}lock:host:a")

    holds.mend()
    holds.mend()

    assert holds.held_by("host:a") == {"user:ada": "x"}


# — freezes —


def test_a_freeze_is_there_until_it_is_ended(freezes: Freezes) -> None:
    freeze = freezes.add("prod", "the fair", "user:ada", None)

    assert freezes.all() == (freeze,)
    assert (freeze.env, freeze.reason, freeze.by) == ("prod", "the fair", "user:ada")
    assert freeze.holds(utc_now())
    assert freezes.end(freeze.id) == freeze
    assert freezes.all() == ()


def test_one_env_may_be_frozen_twice(freezes: Freezes) -> None:
    first, second = (freezes.add("prod", why, "user:ada", None) for why in ("a", "b"))

    freezes.end(first.id)

    assert freezes.all() == (second,)


def test_a_freeze_that_is_over_goes(freezes: Freezes) -> None:
    now = utc_now()
    freezes.add("prod", "", "user:ada", now - HOUR)
    lasting = freezes.add("prod", "", "user:ada", now + HOUR)

    assert freezes.all() == freezes.all() == (lasting,)


def test_a_freeze_that_nobody_knows(freezes: Freezes) -> None:
    with pytest.raises(Unknown, match="no freeze 'x'"):
        freezes.end("x")


def test_a_freeze_keeps_its_times(freezes: Freezes) -> None:
    until = datetime(2100, 1, 1, 12, 30, tzinfo=UTC)

    made = freezes.add("*", "", "user:ada", until)

    assert [(each.since, each.until) for each in freezes.all()] == [(made.since, until)]
