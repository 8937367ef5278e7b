"""Jobs that wait for their time, for the calendar, or for other people."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bootstrapper import settings
from bootstrapper.client import Job
from bootstrapper.clock import from_text, to_text, utc_now
from bootstrapper.control.parts import Parts, make_parts
from bootstrapper.control.schedules import Schedule
from bootstrapper.errors import Conflict, Denied, Mistake
from bootstrapper.events import JobApproved, JobQueued, JobRejected, JobWaiting
from bootstrapper.jobs.states import State
from support.eventually import eventually
from support.site import Site

HELLO = {"roles": ["hello"], "hosts": ["web-1"]}


@pytest.fixture
def parts(site: Site) -> Iterator[Parts]:
    """The site's own store, to do what the API gives nobody the time for."""
    made = make_parts(settings.load(environ=site.plane.environment))
    yield made
    made.redis.close()


# — time —


def test_a_job_does_not_begin_before_its_time(site: Site) -> None:
    begin = to_text(utc_now() + timedelta(seconds=2))

    job = site.owner.launch("apply-roles", HELLO, not_before=begin)

    assert (job.state, job.waits_for) == (State.WAITING, "time")
    ended = site.end(job.id)
    assert ended.state is State.SUCCESSFUL
    assert from_text(ended.started or "") >= from_text(begin)


def test_a_time_without_a_zone_is_a_mistake(site: Site) -> None:
    with pytest.raises(Mistake, match="names no time zone") as caught:
        site.owner.launch("apply-roles", HELLO, not_before="2030-01-01T00:00:00")

    assert caught.value.field == "not_before"


# — a freeze —


def test_a_freeze_holds_a_job_that_waited_for_a_lock_when_it_began(site: Site) -> None:
    site.owner.lock("host:web-1", "by hand")
    job = site.plane.as_actor("plain").launch("apply-roles", HELLO)
    site.waits(job.id)

    freeze = site.owner.freeze("*", "the sale")
    site.owner.unlock("host:web-1")
    eventually(lambda: site.owner.job(job.id).waits_for == "freeze", within=10)
    site.owner.unfreeze(freeze.id)

    assert site.end(job.id).state is State.SUCCESSFUL
    waits = [event for event in site.plane.events(job.id) if isinstance(event, JobWaiting)]
    assert [event.for_.partition(":")[0] for event in waits] == ["host", "freeze"]


# — the calendar —


def test_a_schedule_launches_its_request_once_for_each_time(site: Site, parts: Parts) -> None:
    schedule = Schedule(
        name="nightly", cron="* * * * *", action="apply-roles", request=HELLO, by="system:owner"
    )
    kept = parts.schedules.put(schedule, utc_now() - timedelta(minutes=2))  # due at once
    try:
        job = eventually(lambda: of_the_schedule(site, "nightly"), within=10)
        assert job is not None
        assert site.end(job.id).state is State.SUCCESSFUL
        moved = next(each for each in site.owner.schedules() if each.name == "nightly")
    finally:
        site.owner.remove_schedule("nightly")

    assert moved.last == kept.next
    assert from_text(moved.next or "") > utc_now() - timedelta(seconds=5)
    queued = site.plane.events(job.id)[0]
    assert queued == JobQueued(actor="system:owner", via="schedule", rule="owner")


def of_the_schedule(site: Site, name: str) -> Job | None:
    return next((job for job in site.owner.jobs().jobs if job.schedule == name), None)


def test_a_schedule_has_no_more_authority_than_who_made_it(site: Site, parts: Parts) -> None:
    schedule = Schedule(
        name="sly", cron="* * * * *", action="run-module", request={"hosts": ["web-1"]},
        by="token:reader",
    )  # fmt: skip
    parts.schedules.put(schedule, utc_now() - timedelta(minutes=2))
    try:
        eventually(
            lambda: next(s for s in site.owner.schedules() if s.name == "sly").last, within=10
        )
    finally:
        site.owner.remove_schedule("sly")

    assert of_the_schedule(site, "sly") is None


def test_who_may_not_do_it_may_not_schedule_it(site: Site) -> None:
    with pytest.raises(Denied):
        site.plane.as_actor("plain").set_schedule(
            "mine", cron="0 3 * * *", action="apply-roles", request=HELLO
        )


# — approvals —


def test_a_job_that_needs_two_approvals_runs_after_the_second(site: Site) -> None:
    job = site.plane.as_actor("asker").launch("apply-roles", HELLO)
    assert (job.state, job.waits_for) == (State.WAITING, "approval")
    assert job.approvals is not None
    first, second = site.plane.as_actor("first"), site.plane.as_actor("second")

    once = first.approve(job.id, digest=job.approvals.digest)
    assert (once.state, once.approvals and once.approvals.by) == (State.WAITING, ("token:first",))
    second.approve(job.id)

    assert site.end(job.id).state is State.SUCCESSFUL
    approved = [e for e in site.plane.events(job.id) if isinstance(e, JobApproved)]
    assert approved == [JobApproved("token:first", 1), JobApproved("token:second", 0)]


def test_a_job_that_waited_has_its_own_share_of_the_budget(site: Site) -> None:
    sparing, request = site.plane.as_actor("sparing"), {"roles": ["hello"], "hosts": ["web-1"]}
    job = sparing.launch("apply-roles", request)

    site.plane.as_actor("first").approve(job.id)

    assert site.end(job.id).state is State.SUCCESSFUL
    with pytest.raises(Denied, match="that is spent"):
        sparing.launch("apply-roles", request)


def test_what_does_not_count_as_an_approval(site: Site) -> None:
    job = site.plane.as_actor("asker").launch("apply-roles", HELLO)
    first = site.plane.as_actor("first")

    with pytest.raises(Denied, match="nobody approves what they asked for themselves"):
        site.plane.as_actor("asker").approve(job.id)
    with pytest.raises(Denied, match="only members of approvers may"):
        site.owner.approve(job.id)
    with pytest.raises(Conflict, match="the plan is not the one that you saw"):
        first.approve(job.id, digest="0" * 64)
    first.approve(job.id)
    with pytest.raises(Conflict, match="approved already"):
        first.approve(job.id)

    assert site.owner.job(job.id).state is State.WAITING
    site.owner.cancel(job.id)


def test_a_rejected_job_never_runs(site: Site) -> None:
    job = site.plane.as_actor("asker").launch("apply-roles", HELLO)

    rejected = site.plane.as_actor("first").reject(job.id, "not today")

    assert (rejected.state, rejected.started) == (State.CANCELED, "")
    assert rejected.reason == "rejected by token:first: not today"
    assert JobRejected("token:first", "not today") in site.plane.events(job.id)
    with pytest.raises(Conflict):
        site.plane.as_actor("second").approve(job.id)


def test_an_approval_that_does_not_come_in_time_is_too_late(site: Site) -> None:
    job = site.plane.as_actor("hasty").launch("apply-roles", HELLO)

    ended = site.end(job.id, within=10)

    assert (ended.state, ended.started) == (State.CANCELED, "")
    assert ended.reason == "not approved within its time by 1 of approvers"


def test_the_digest_tells_one_plan_from_another(site: Site) -> None:
    asker = site.plane.as_actor("asker")

    digests = {
        asker.plan("apply-roles", HELLO | more).digest
        for more in ({}, {}, {"hosts": ["web-2"]}, {"extra_vars": {"greeting": "x"}})
    }

    assert len(digests) == 3
