"""Who runs at the same time, who waits, and what people put in the way."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bootstrapper.client import Job
from bootstrapper.clock import from_text, to_text, utc_now
from bootstrapper.errors import Conflict, Denied, Unknown
from bootstrapper.events import JobWaiting
from bootstrapper.ids import new_id
from bootstrapper.jobs.states import State
from support.eventually import eventually
from support.site import Site


def stamp(site: Site, host: str, series: str, pause: float, **options: Any) -> Job:
    """Launched, not waited for. Jobs with different pauses never share a play."""
    given = {"series": series, "pause": pause}
    request = {"roles": ["stamp"], "hosts": [host], "extra_vars": given}
    return site.owner.launch("apply-roles", request, **options)


def spans(site: Site, host: str, series: str) -> list[tuple[int, int]]:
    """When each run on this host began and ended, in ns; fails when two of them overlapped."""
    lines = [line.split() for line in site.left(host, f"stamps-{series}").splitlines()]
    words = [word for word, _ in lines]
    assert words == ["start", "end"] * (len(lines) // 2), f"overlapped: {words}"
    times = [int(text) for _, text in lines]
    return list(zip(times[::2], times[1::2], strict=True))


def moment(text: str | None) -> datetime:
    assert text, "it has not happened"
    return from_text(text)


def running(site: Site, job: Job) -> None:
    eventually(lambda: site.owner.job(job.id).state is State.RUNNING, within=15, what="it runs")


def waiting(site: Site, job: Job) -> Job:
    """The job as it is when it waits."""
    eventually(lambda: site.owner.job(job.id).state is State.WAITING, within=15, what="it waits")
    return site.owner.job(job.id)


def test_jobs_on_one_host_never_overlap(site: Site) -> None:
    series = new_id()
    jobs = [stamp(site, "web-1", series, 0.2 + n / 100) for n in range(4)]

    assert {site.end(job.id).state for job in jobs} == {State.SUCCESSFUL}
    assert len(spans(site, "web-1", series)) == 4


def test_jobs_on_different_hosts_do_overlap(site: Site) -> None:
    series = new_id()
    jobs = [stamp(site, host, series, pause) for host, pause in (("web-1", 2.0), ("web-2", 2.1))]

    assert {site.end(job.id).state for job in jobs} == {State.SUCCESSFUL}
    [(start, end)], [(other_start, other_end)] = (
        spans(site, host, series) for host in ("web-1", "web-2")
    )
    assert max(start, other_start) < min(end, other_end)


def test_a_waiting_job_says_for_what_and_for_which_job(site: Site) -> None:
    holder = stamp(site, "web-2", new_id(), 2)
    running(site, holder)

    late = waiting(site, stamp(site, "web-2", new_id(), 0))

    place = f"host:{site.sshd.addresses[1]}:{site.sshd.port}"
    assert (late.waits_for, late.reason) == (place, f"waits for {place}, held by {holder.id}")
    assert JobWaiting(late.reason, place, holder.id) in site.plane.events(late.id)
    assert moment(site.end(late.id).started) >= moment(site.owner.job(holder.id).finished)


def test_one_machine_is_one_host_whatever_it_is_called(site: Site) -> None:
    holder = stamp(site, "web-2", new_id(), 1.5)
    running(site, holder)

    late = stamp(site, site.sshd.addresses[1], new_id(), 0)

    assert waiting(site, late).reason.endswith(f"held by {holder.id}")
    site.end(late.id)


def test_a_name_is_held_by_one_job_at_a_time(site: Site) -> None:
    holder = stamp(site, "web-1", new_id(), 1.5, locks=("migration",))
    running(site, holder)

    late = stamp(site, "web-2", new_id(), 0, locks=("migration",))

    assert waiting(site, late).waits_for == "name:migration"
    assert site.end(late.id).state is State.SUCCESSFUL


def test_updating_code_has_its_env_for_itself(site: Site) -> None:
    holder = stamp(site, "stage-1", new_id(), 1.5)
    running(site, holder)

    update = site.owner.launch("update-code", {"tags": ["web"], "env": "staging"})

    assert waiting(site, update).waits_for == "env:staging"
    assert moment(site.end(update.id).started) >= moment(site.owner.job(holder.id).finished)


@pytest.mark.parametrize(
    ("written", "resource"),
    [
        ("env:prod", "env:prod"),
        ("prod", "env:prod"),
        ("name:door", "name:door"),
        ("host:web-1", "host:{address}:{port}"),
        ("host:{address}", "host:{address}:{port}"),
        ("host:{address}:{port}", "host:{address}:{port}"),
    ],
)
def test_what_a_person_holds_no_job_takes(site: Site, written: str, resource: str) -> None:
    place = {"address": site.sshd.addresses[0], "port": site.sshd.port}
    written, resource = written.format(**place), resource.format(**place)
    site.owner.lock(written, "hands off")
    late = stamp(site, "web-1", new_id(), 0, locks=("door",))
    try:
        assert waiting(site, late).reason == (
            f"waits for {resource}, held by system:owner (hands off)"
        )
        with pytest.raises(Conflict, match="held already, by system:owner"):
            site.owner.lock(written, "mine")
        assert resource in {lock.resource for lock in site.owner.locks()}
    finally:
        site.owner.unlock(written)

    assert site.end(late.id).state is State.SUCCESSFUL


def test_a_host_that_nobody_knows_cannot_be_held(site: Site) -> None:
    with pytest.raises(Unknown, match="no host 'web-11' in the inventory; did you mean 'web-1'"):
        site.owner.lock("host:web-11", "hands off")


def test_a_hold_ends_by_itself_when_its_time_is_over(site: Site) -> None:
    until = to_text(utc_now() + timedelta(seconds=1))
    site.owner.lock("name:soon", "for a second", until=until)

    late = stamp(site, "web-1", new_id(), 0, locks=("soon",))

    assert moment(site.end(late.id, within=20).started) >= moment(until)


def test_a_freeze_stops_changes_in_its_env_and_says_why(site: Site) -> None:
    plain = site.plane.as_actor("plain")
    request = {"roles": ["hello"], "hosts": ["stage-1"]}
    freeze = site.owner.freeze("staging", "the audit week")
    try:
        with pytest.raises(Denied, match=r"staging is frozen by system:owner .*the audit week"):
            plain.launch("apply-roles", request)
        elsewhere = plain.launch("apply-roles", request | {"hosts": ["web-1"]}, wait=30)
        assert elsewhere.state is State.SUCCESSFUL
        assert site.run("apply-roles", request).state is State.SUCCESSFUL  # during_freeze
    finally:
        site.owner.unfreeze(freeze.id)

    assert plain.launch("apply-roles", request, wait=30).state is State.SUCCESSFUL
