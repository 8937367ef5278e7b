"""What must not be read by anybody: in no event, no diff, no error, no log."""

import pytest

from bootstrapper.events import HostResult
from bootstrapper.jobs.states import State
from bootstrapper.playbooks.scrub import MASK
from support.site import TOKEN, Site


@pytest.fixture(scope="module")
def told(site: Site) -> tuple[list[HostResult], str]:
    """The results of a run full of secrets, and all that its journal tells."""
    given = {"api_token": "tok-in-the-clear", "series": "secretly"}
    request = {"roles": ["secretive"], "hosts": ["web-1"], "extra_vars": given, "diff": True}
    job = site.run("apply-roles", request)
    assert job.state is State.FAILED
    events = site.plane.events(job.id)
    text = site.plane.http().get(f"/api/v1/jobs/{job.id}/events").text
    text += site.owner.log(job.id) + job.reason
    return [event for event in events if isinstance(event, HostResult)], text


def test_the_run_did_handle_its_secrets(site: Site, told: tuple[list[HostResult], str]) -> None:
    assert site.left("web-1", "secretly") == "hidden-secretly\n"
    assert [result.status for result in told[0]] == [
        "ok", "changed", "ok", "ok", "failed",
    ]  # fmt: skip


def test_no_log_hides_results_diffs_items_and_errors(told: tuple[list[HostResult], str]) -> None:
    results, text = told

    assert "hidden-" not in text
    for result in results[1:]:
        assert (result.stdout, result.stderr, result.diff, result.item) == ("", "", "", "")
        assert "hidden" in result.message  # Ansible's own words for it
        assert not result.data


def test_a_variable_whose_name_tells_is_masked(told: tuple[list[HostResult], str]) -> None:
    results, text = told

    assert results[0].stdout.startswith(f"knows {MASK} ")
    assert "tok-in-the-clear" not in text


def test_a_secret_of_the_settings_is_masked_wherever_it_turns_up(site: Site) -> None:
    request = {"roles": ["echo"], "hosts": ["web-1"], "extra_vars": {"given": [TOKEN, "open"]}}

    job = site.run("apply-roles", request)

    events = site.plane.http().get(f"/api/v1/jobs/{job.id}/events").text
    assert job.state is State.SUCCESSFUL
    assert TOKEN not in events + site.owner.log(job.id)
    assert "open" in events


def test_a_secret_in_a_failing_command_is_masked_in_its_error(site: Site) -> None:
    job = site.run("run-module", {"hosts": ["web-1"], "args": f"ls /nowhere/{TOKEN}"})

    assert job.state is State.FAILED
    assert TOKEN not in site.plane.http().get(f"/api/v1/jobs/{job.id}/events").text


@pytest.mark.parametrize(
    ("module", "args"),
    [("copy", "src={token} dest={left}"), ("script", "{token}"), ("fetch", "src=/x dest={left}")],
)
def test_no_module_takes_a_file_of_this_machine(site: Site, module: str, args: str) -> None:
    left = site.scratch / "taken"
    args = args.format(token=site.plane.state / "owner.token", left=left)
    job = site.run("run-module", {"hosts": ["web-1"], "module": module, "args": args})

    assert job.state is State.ERROR
    assert "is no path within the content" in job.reason
    assert not left.exists()
