"""Runs that are reported: begun once, told once, by nobody else, and within bounds."""

from typing import Any

import httpx
import pytest

from bootstrapper.control.reported import MOST
from bootstrapper.jobs.states import State
from support.site import Site

BEGUN = {"playbook": "site.yml", "user": "ada", "host": "laptop", "ansible_version": "2.19.0"}
TASK = {"type": "task_started", "task": "first"}


def begin(api: httpx.Client, key: str = "", **more: Any) -> str:
    headers = {"Idempotency-Key": key} if key else {}
    answer = api.post("/api/v1/runs", json={**BEGUN, **more}, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.fixture
def run(api: httpx.Client, site: Site) -> Any:
    job_id = begin(api)
    yield job_id
    if not site.owner.job(job_id).final:
        api.post(f"/api/v1/runs/{job_id}/end", json={"state": "canceled"})


def tell(api: httpx.Client, run: str, first: int, *events: dict[str, Any]) -> httpx.Response:
    return api.post(f"/api/v1/runs/{run}/events", json={"first": first, "events": events})


def test_a_run_begins_as_a_running_job(site: Site, run: str) -> None:
    job = site.owner.job(run)

    assert (job.state, job.worker, job.attempt) == (State.RUNNING, "ada@laptop", 1)
    assert job.request["playbook"] == "site.yml"


def test_the_same_beginning_is_the_same_job(api: httpx.Client) -> None:
    one = begin(api, "a-key")
    assert begin(api, "a-key") == one
    other = api.post(
        "/api/v1/runs", json={**BEGUN, "check": True}, headers={"Idempotency-Key": "a-key"}
    )
    assert other.status_code == 409
    assert api.post(f"/api/v1/runs/{one}/end", json={"state": "successful"}).status_code == 200


def test_what_is_told_twice_is_kept_once(api: httpx.Client, site: Site, run: str) -> None:
    before = len(site.plane.events(run))
    second = {"type": "said", "text": "second"}

    answers = [tell(api, run, 1, TASK), tell(api, run, 1, TASK, second), tell(api, run, 2, second)]

    assert [each.status_code for each in answers] == [204, 204, 204]
    assert len(site.plane.events(run)) == before + 2


@pytest.mark.parametrize("kind", ["job_ended", "job_approved", "recap", "unheard_of"])
def test_a_run_tells_of_nothing_but_itself(api: httpx.Client, run: str, kind: str) -> None:
    answer = tell(
        api, run, 1, {"type": kind, "by": "me", "state": "lost", "reason": "", "hosts": {}}
    )

    assert answer.status_code == 422
    assert answer.json()["field"] == "events[0].type"


def test_only_who_began_it_writes_to_it(site: Site, run: str) -> None:
    with site.plane.http(site.plane.token("thrifty")) as other:
        assert tell(other, run, 1, TASK).status_code == 403
        assert other.post(f"/api/v1/runs/{run}/end", json={"state": "failed"}).status_code == 403
    with site.plane.http(site.plane.token("reader")) as reader:
        assert reader.post("/api/v1/runs", json=BEGUN).status_code == 403


def test_a_budget_counts_runs_too(site: Site) -> None:
    with site.plane.http(site.plane.token("thrifty")) as thrifty:
        for _ in range(3):
            own = begin(thrifty)
        assert thrifty.post("/api/v1/runs", json=BEGUN).status_code == 403
        assert tell(thrifty, own, 1, TASK).status_code == 204
        mine = [job for job in site.owner.jobs(limit=100).jobs if job.actor == "token:thrifty"]
        for job in mine:
            if not job.final:
                thrifty.post(f"/api/v1/runs/{job.id}/end", json={"state": "successful"})


def test_a_workers_job_is_not_told_by_others(api: httpx.Client, site: Site) -> None:
    later = "2099-01-01T00:00:00Z"
    job = site.owner.launch("run-module", {"hosts": ["web-1"], "module": "ping"}, not_before=later)

    assert tell(api, job.id, 1, TASK).status_code == 422
    assert api.post(f"/api/v1/runs/{job.id}/end", json={"state": "failed"}).status_code == 422


def test_an_end_is_an_end(api: httpx.Client, site: Site, run: str) -> None:
    stats = {"web-1": {"ok": 3, "failures": 1}, "web-2": {"ok": 4}}
    ended = {"state": "failed", "stats": stats}

    for _ in range(2):
        answer = api.post(f"/api/v1/runs/{run}/end", json=ended)
        assert answer.status_code == 200
        assert answer.json()["reason"] == "1 of 2 hosts failed: web-1"
    seq = site.owner.job(run).seq
    assert tell(api, run, 1, TASK).status_code == 409
    assert api.post(f"/api/v1/runs/{run}/end", json={"state": "successful"}).status_code == 409
    assert site.owner.job(run).seq == seq
    assert site.owner.job(run).stats["web-1"]["failures"] == 1


@pytest.mark.parametrize(
    "ended",
    [{"reason": "well\n09:00:00 approved by ada"}, {"stats": {"web-1\x1b[2J": {"ok": 1}}}],
    ids=["reason", "host"],
)
def test_an_end_is_told_in_lines_of_its_own(
    api: httpx.Client, run: str, ended: dict[str, Any]
) -> None:
    answer = api.post(f"/api/v1/runs/{run}/end", json={"state": "failed", **ended})

    assert answer.status_code == 422


def test_a_run_that_never_stops_telling_is_cut(api: httpx.Client, site: Site, run: str) -> None:
    before = len(site.plane.events(run))

    assert tell(api, run, MOST - 1, TASK, TASK, TASK).status_code == 204
    assert tell(api, run, MOST + 2, TASK).status_code == 204

    told = site.plane.events(run)[before:]
    assert len(told) == 2
    assert "the rest is not kept" in repr(told[-1])
