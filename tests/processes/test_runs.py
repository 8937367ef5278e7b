"""What people ask for every day, on real hosts over real SSH."""

import pytest

from bootstrapper.errors import Mistake
from bootstrapper.events import HostResult, JobStarted, Recap, TaskStarted
from bootstrapper.jobs.states import State
from support.eventually import eventually
from support.site import Site


def results(site: Site, job_id: str) -> list[HostResult]:
    return [event for event in site.plane.events(job_id) if isinstance(event, HostResult)]


def test_a_role_is_applied_to_two_hosts(site: Site) -> None:
    job = site.run("apply-roles", {"roles": ["hello"], "hosts": ["web-1", "db-1"]})

    assert (job.state, job.reason) == (State.SUCCESSFUL, "2 of 2 hosts done")
    assert site.left("web-1", "hello") == site.left("db-1", "hello") == "hello world\n"
    events = site.plane.events(job.id)
    assert [event.role for event in events if isinstance(event, TaskStarted)] == ["hello"]
    recap = next(event for event in events if isinstance(event, Recap))
    assert recap.hosts == job.stats
    assert {host: counts["ok"] for host, counts in job.stats.items()} == {"web-1": 1, "db-1": 1}


def test_a_host_may_be_given_by_its_address(site: Site) -> None:
    job = site.run("apply-roles", {"roles": ["hello"], "hosts": [site.sshd.addresses[1]]})

    assert (job.state, job.hosts, job.env) == (State.SUCCESSFUL, ("web-2",), "prod")


def test_extra_vars_reach_the_play_as_what_they_are(site: Site) -> None:
    given = {"text": "it's", "number": 3, "list": [1, None, True]}
    request = {"roles": ["echo"], "hosts": ["web-1"], "extra_vars": {"given": given}}

    job = site.run("apply-roles", request)

    printed = results(site, job.id)[-1].stdout
    assert printed == str(given)


def test_an_unreachable_host_is_a_failed_job_that_says_so(site: Site) -> None:
    job = site.run("apply-roles", {"roles": ["hello"], "hosts": ["web-1", "gone-1"]})

    assert (job.state, job.reason) == (State.FAILED, "1 of 2 hosts failed: gone-1")
    assert job.stats["gone-1"]["unreachable"] == 1
    assert job.stats["web-1"]["failures"] == 0


def test_jobs_that_wait_together_share_a_play_and_fail_alone(site: Site) -> None:
    site.owner.lock("env:prod", "so that they gather")
    shared = {"victims": ["web-2"], "series": "batch"}
    jobs = [
        site.owner.launch("apply-roles", {"roles": ["picky"], "hosts": [h], "extra_vars": shared})
        for h in ("web-1", "web-2", "web-3")
    ]
    for job in jobs:
        site.waits(job.id)
    site.owner.unlock("env:prod")

    ended = [site.end(job.id) for job in jobs]

    assert [job.state for job in ended] == [State.SUCCESSFUL, State.FAILED, State.SUCCESSFUL]
    for job in ended:
        events = site.plane.events(job.id)
        started = [event for event in events if isinstance(event, JobStarted)]
        assert [event.batch for event in started] == [3]
        assert {result.host for result in results(site, job.id)} == set(job.hosts)
        assert job.stats.keys() == set(job.hosts)


def test_a_module_runs_ad_hoc(site: Site) -> None:
    job = site.run("run-module", {"hosts": ["web-1", "web-2"], "module": "ping"})

    assert job.state is State.SUCCESSFUL
    assert [result.data["ping"] for result in results(site, job.id)] == ["pong", "pong"]


def test_a_command_is_run_with_its_words_as_they_are(site: Site) -> None:
    job = site.run("run-module", {"hosts": ["web-1"], "args": "printf '%s|' 'a b' '*' ';ls'"})

    assert results(site, job.id)[0].stdout == "a b|*|;ls|"


def test_a_playbook_runs_on_its_own_hosts(site: Site) -> None:
    job = site.run("run-playbook", {"playbook": "site.yml", "env": "staging"})

    assert (job.state, job.hosts) == (State.SUCCESSFUL, ("stage-1", "stage-2"))
    assert site.left("stage-2", "hello") == "hello world\n"


def test_a_limit_leaves_the_others_alone(site: Site) -> None:
    given = {"greeting": "to one alone"}
    request = {"playbook": "site", "env": "prod", "limit": ["web-2"], "extra_vars": given}

    job = site.run("run-playbook", request)

    assert (job.state, job.hosts) == (State.SUCCESSFUL, ("web-2",))
    assert site.left("web-2", "hello") == "hello to one alone\n"
    assert site.left("web-3", "hello") != "hello to one alone\n"


def test_a_limit_outside_the_playbook_is_a_mistake(site: Site) -> None:
    with pytest.raises(Mistake, match=r"site\.yml does not run on db-1") as caught:
        site.run("run-playbook", {"playbook": "site", "env": "prod", "limit": ["db-1"]})

    assert caught.value.field == "limit"


def test_code_is_updated_by_its_tags(site: Site) -> None:
    job = site.run("update-code", {"tags": ["api"], "env": "staging"})

    assert (job.state, job.hosts) == (State.SUCCESSFUL, ("stage-1", "stage-2"))
    assert {result.task for result in results(site, job.id)} == {"The api's code"}
    assert site.left("stage-1", "api") == "code\n"


def test_a_dry_run_changes_nothing_and_a_diff_shows_what_it_would(site: Site) -> None:
    given = {"greeting": "from a dry run"}
    request = {"roles": ["hello"], "hosts": ["web-3"], "extra_vars": given}

    job = site.run("apply-roles", request | {"check": True, "diff": True})

    assert (job.state, job.stats["web-3"]["changed"]) == (State.SUCCESSFUL, 1)
    assert "from a dry run" not in site.left("web-3", "hello")
    assert "+hello from a dry run" in results(site, job.id)[0].diff


def test_what_a_run_leaves_as_artifacts_is_kept_with_its_job(site: Site) -> None:
    job = site.run("apply-roles", {"roles": ["leaver"], "hosts": ["web-1"]})

    left = site.owner.artifacts(job.id)
    assert [artifact.name for artifact in left] == ["report.txt"]
    assert site.owner.artifact(job.id, "report.txt") == b"all is well on web-1\n"


def test_content_that_was_edited_is_what_runs_next(site: Site) -> None:
    tasks = site.content / "roles" / "hello" / "tasks" / "main.yml"
    before = tasks.read_text()
    tasks.write_text(before.replace("hello {{", "edited {{"))
    try:
        request = {"roles": ["hello"], "hosts": ["stage-1"]}
        job = eventually(lambda: edited(site, site.run("apply-roles", request).id), within=15)
    finally:
        tasks.write_text(before)

    assert job == "edited world\n"


def edited(site: Site, job_id: str) -> str:
    """A folder's change is seen within a second; a job launched before ran the old role."""
    left = site.left("stage-1", "hello")
    assert left.startswith("edited"), job_id
    return left
