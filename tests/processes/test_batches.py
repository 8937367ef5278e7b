"""Few hosts first: what the policy imposes and what a caller asks for."""

from bootstrapper.events import Said
from bootstrapper.ids import new_id
from bootstrapper.jobs.states import State
from support.site import Site

HOSTS = ["web-1", "web-2", "web-3", "db-1"]


def batches_told(site: Site, job_id: str) -> list[str]:
    said = [event.text for event in site.plane.events(job_id) if isinstance(event, Said)]
    return [text for text in said if text.startswith("batch ")]


def test_a_policys_canary_goes_first_and_then_few_at_a_time(site: Site) -> None:
    given = {"series": new_id()}
    request = {"roles": ["picky"], "hosts": HOSTS, "extra_vars": given}

    job = site.plane.as_actor("careful").launch("apply-roles", request, wait=60)

    assert job.state is State.SUCCESSFUL
    assert batches_told(site, job.id) == [
        "batch 1 of 3: web-1", "batch 2 of 3: web-2, web-3", "batch 3 of 3: db-1",
    ]  # fmt: skip
    assert job.stats.keys() == set(HOSTS)


def test_after_a_canary_that_failed_nobody_else_is_touched(site: Site) -> None:
    series = new_id()
    given = {"victims": ["web-1"], "series": series}
    request = {"roles": ["picky"], "hosts": HOSTS, "extra_vars": given}

    job = site.plane.as_actor("careful").launch("apply-roles", request, wait=60)

    assert (job.state, job.reason) == (State.FAILED, "1 of 4 hosts failed: web-1")
    assert batches_told(site, job.id)[-1] == "batch 1 failed: the other 2 are not begun"
    assert [site.left(host, series) for host in HOSTS] == [""] * 4


def test_a_batch_that_failed_is_finished_and_is_the_last(site: Site) -> None:
    series = new_id()
    given = {"victims": ["web-1"], "series": series}
    request = {"roles": ["picky"], "hosts": HOSTS, "serial": 2, "extra_vars": given}

    job = site.run("apply-roles", request)

    assert job.state is State.FAILED
    assert [site.left(host, series) for host in HOSTS] == ["", "picked\n", "", ""]
    assert site.owner.rerun(job.id, failed=True).hosts == ("web-1", "web-3", "db-1")
