"""How jobs end before their time, or get another: cancels, timeouts, retries, reruns."""

from typing import Any

import pytest

from bootstrapper.client import Job
from bootstrapper.errors import Conflict, Denied, Mistake
from bootstrapper.events import CancelAsked, JobEnded, JobRepeated, TaskStarted
from bootstrapper.ids import new_id
from bootstrapper.jobs.states import State
from support.eventually import eventually
from support.processes import alive, below, commands, marked
from support.site import Site

SLEEP = {"roles": ["sleepy"], "hosts": ["web-1", "web-2"]}
BOUND = 5.0  # seconds; it is promised in 2, on a machine that has nothing else to do


def in_a_task(site: Site, job: Job) -> Job:
    """The job as it is when its play has begun a task on its hosts."""
    eventually(
        lambda: any(isinstance(event, TaskStarted) for event in site.plane.events(job.id)),
        within=20,
    )
    return site.owner.job(job.id)


def sleeping(site: Site) -> set[int]:
    """What the role started on the hosts."""
    return {pid for pid in below(site.sshd.pid) if commands({pid}) == ["sleep 60 "]}


def test_a_cancel_ends_the_play_its_forks_and_its_ssh(site: Site) -> None:
    work = site.plane.pid("work")
    idle, before = below(work), marked("BOOTSTRAPPER_RUN=")
    asleep = sleeping(site)
    job = in_a_task(site, site.owner.launch("apply-roles", SLEEP))
    mark = f"BOOTSTRAPPER_RUN={job.worker}/"
    eventually(lambda: len(sleeping(site) - asleep) == 2, within=15, what="both hosts are in it")
    of_the_run = (below(work) - idle) | (marked(mark) - before)
    assert len(of_the_run) >= 5, commands(of_the_run)  # the play; for each host a fork, an ssh

    site.owner.cancel(job.id)

    eventually(lambda: not any(map(alive, of_the_run)), within=BOUND, what="all of it ended")
    assert not marked(mark) - before, "an ssh that was no child of the play's"
    ended = site.end(job.id, within=BOUND)
    assert (ended.state, ended.reason) == (State.CANCELED, "canceled by system:owner")
    assert below(work) <= idle
    told = site.plane.events(job.id)[-2:]
    assert told == [
        CancelAsked(by="system:owner"),
        JobEnded(state=State.CANCELED, reason="canceled by system:owner"),
    ]


def test_a_canceled_job_has_let_its_hosts_go(site: Site) -> None:
    job = in_a_task(site, site.owner.launch("apply-roles", SLEEP))
    after = site.owner.launch("apply-roles", {"roles": ["hello"], "hosts": ["web-1"]})

    site.owner.cancel(job.id)

    assert site.end(after.id, within=BOUND * 2).state is State.SUCCESSFUL


def test_a_waiting_job_is_canceled_at_once_and_never_runs(site: Site) -> None:
    site.owner.lock("env:prod", "hands off")
    job = site.owner.launch("apply-roles", {"roles": ["hello"], "hosts": ["web-1"]})

    canceled = site.owner.cancel(job.id)
    site.owner.unlock("env:prod")

    assert (canceled.state, canceled.started) == (State.CANCELED, "")
    with pytest.raises(Conflict, match="has ended already"):
        site.owner.cancel(job.id)


def test_only_who_may_cancels(site: Site) -> None:
    job = site.owner.launch("apply-roles", SLEEP)
    with pytest.raises(Denied):
        site.plane.as_actor("reader").cancel(job.id)

    assert site.plane.as_actor("plain").cancel(job.id).id == job.id
    assert site.end(job.id).state is State.CANCELED


def test_canceling_one_of_a_batch_runs_the_others_again(site: Site) -> None:
    site.owner.lock("env:prod", "so that they gather")
    given = {"pause": 4}
    one, two = (
        site.owner.launch("apply-roles", {"roles": ["sleepy"], "hosts": [h], "extra_vars": given})
        for h in ("web-1", "web-2")
    )
    for each in (one, two):
        site.waits(each.id)
    site.owner.unlock("env:prod")
    in_a_task(site, one)

    site.owner.cancel(one.id)

    assert site.end(one.id).state is State.CANCELED
    ended = site.end(two.id)
    assert (ended.state, ended.attempt) == (State.SUCCESSFUL, 2)


def test_a_job_has_only_so_much_time(site: Site) -> None:
    job = site.run("apply-roles", SLEEP, timeout=2)

    assert (job.state, job.reason) == (State.ERROR, "timed out after 2 s")


def test_a_failed_job_is_tried_again_when_it_is_asked_for(site: Site) -> None:
    given = {"series": new_id()}
    request = {"roles": ["flaky"], "hosts": ["web-1"], "extra_vars": given}

    job = site.run("apply-roles", request, retries=2)

    assert (job.state, job.attempt) == (State.SUCCESSFUL, 2)
    again = [event for event in site.plane.events(job.id) if isinstance(event, JobRepeated)]
    assert [event.reason for event in again] == ["1 of 1 hosts failed: web-1; try 2 of 3"]


def test_a_failed_job_is_not_tried_again_by_itself(site: Site) -> None:
    given = {"series": new_id()}
    request = {"roles": ["flaky"], "hosts": ["web-1"], "extra_vars": given}

    job = site.run("apply-roles", request)

    assert (job.state, job.attempt) == (State.FAILED, 1)


@pytest.mark.parametrize("action", ["run-module", "run-playbook"])
def test_what_may_do_harm_twice_takes_no_retries(site: Site, action: str) -> None:
    requests: dict[str, dict[str, Any]] = {
        "run-module": {"hosts": ["web-1"]},
        "run-playbook": {"playbook": "site.yml"},
    }
    request = requests[action] | {"env": "prod"}

    with pytest.raises(Mistake, match="must not be repeated") as caught:
        site.owner.launch(action, request, retries=1)

    assert caught.value.field == "retries"


def test_a_rerun_on_the_failed_hosts_leaves_the_others_out(site: Site) -> None:
    given = {"victims": ["web-2"], "series": new_id()}
    request = {
        "roles": ["picky"], "hosts": ["web-1", "web-2", "gone-1"], "extra_vars": given,
    }  # fmt: skip
    first = site.run("apply-roles", request)
    assert first.state is State.FAILED

    again = site.owner.rerun(first.id, failed=True)

    assert (again.hosts, again.rerun_of) == (("web-2", "gone-1"), first.id)
    assert site.end(again.id).state is State.FAILED


def test_a_job_without_a_failed_host_has_nothing_to_rerun(site: Site) -> None:
    job = site.run("apply-roles", {"roles": ["hello"], "hosts": ["web-1"]})

    with pytest.raises(Conflict, match="no host of this job failed"):
        site.owner.rerun(job.id, failed=True)
    assert site.end(site.owner.rerun(job.id).id).hosts == job.hosts
