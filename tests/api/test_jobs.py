"""Jobs over HTTP: found, listed, read, downloaded, ended, asked for again, approved."""

from typing import Any

import httpx
import pytest

from bootstrapper.ids import new_id
from support.eventually import eventually
from support.site import Site

JOBS = "/api/v1/jobs"
APPLY = "/api/v1/actions/apply-roles"
ROLES = {"roles": ["hello"]}


def launched(http: httpx.Client, *hosts: str, **more: Any) -> str:
    answer = http.post(APPLY, json={**ROLES, "hosts": hosts, **more})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def listed(http: httpx.Client, **query: Any) -> list[str]:
    return [job["id"] for job in http.get(JOBS, params=query).json()["jobs"]]


def ended(http: httpx.Client, job_id: str) -> dict[str, Any]:
    job: dict[str, Any] = http.get(f"{JOBS}/{job_id}", params={"wait": 30}).json()
    assert job["finished"], job
    return job


# — found and listed —


def test_a_job_is_found_by_a_part_of_its_id(api: httpx.Client) -> None:
    job_id = launched(api, "web-1")

    for word in (job_id, job_id[-6:], job_id[:-1], "last"):
        assert api.get(f"{JOBS}/{word}").json()["id"] == job_id


UNKNOWN = "01a20ec8-636f-7ffb-b2e0-ad68b34a0fc4"


@pytest.mark.parametrize("word", ["abcde", "ffffff", "LAST", "*", UNKNOWN])
def test_a_word_that_is_no_job(api: httpx.Client, word: str) -> None:
    assert api.get(f"{JOBS}/{word}").status_code == 404


def test_a_part_that_two_ids_share_is_none_of_them(queue: Site) -> None:
    with queue.plane.http() as http:
        ids = [launched(http, "web-1") for _ in range(2)]
        shared = ids[0][: next(n for n in range(36) if ids[0][n] != ids[1][n])]

        assert http.get(f"{JOBS}/{shared}").status_code == 404


@pytest.mark.parametrize("limit", [1, 2, 3, 1000])
def test_the_cursor_leads_past_every_job_once(queue: Site, limit: int) -> None:
    with queue.plane.http() as http:
        new = [launched(http, "web-1") for _ in range(4)]
        found: list[str] = []
        page = http.get(JOBS, params={"limit": limit}).json()
        while True:
            assert len(page["jobs"]) <= limit
            found += [job["id"] for job in page["jobs"]]
            if page["next"] is None:
                break
            page = http.get(JOBS, params={"limit": limit, "cursor": page["next"]}).json()

    assert found == sorted(set(found), reverse=True)
    assert found[:4] == new[::-1]


def test_what_a_list_is_asked_for_is_what_it_has(queue: Site) -> None:
    with queue.plane.http() as http, queue.plane.http("") as here:
        one = launched(http, "web-1")
        two = launched(http, "stage-1", "stage-2")
        net = launched(here, "db-1")
        sync = http.post("/api/v1/actions/sync-content").json()["id"]
        http.post(f"{JOBS}/{two}/cancel")
        everything = set(listed(http, limit=1000))

        asked: list[tuple[dict[str, str], set[str]]] = [
            ({"host": "db-1"}, {net}),
            ({"host": "stage-2"}, {two}),
            ({"env": "staging"}, {two}),
            ({"actor": "network:here", "host": "db-1"}, {net}),
            ({"action": "sync-content"}, {sync}),
            ({"state": "canceled", "host": "stage-1"}, {two}),
            ({"state": "pending", "host": "stage-1"}, set()),
        ]
        for query, expected in asked:
            found = set(listed(http, **query, limit=1000))
            assert expected <= found <= everything, query
            assert one not in found, query
            assert found.isdisjoint({one, two, net, sync} - expected), query


def test_who_may_not_see_an_env_does_not_find_its_jobs(queue: Site) -> None:
    with (
        queue.plane.http() as http,
        queue.plane.http(queue.plane.token("half")) as half,
        queue.plane.http(queue.plane.token("none")) as none,
    ):
        hidden, seen = launched(http, "web-1"), launched(http, "stage-1")

        assert seen in listed(half, limit=1000)
        assert hidden not in listed(half, limit=1000)
        assert {job["env"] for job in half.get(JOBS).json()["jobs"]} == {"staging"}
        assert listed(none, limit=1000) == []
        assert half.get(f"{JOBS}/{seen}").status_code == 200
        for path in ("", "/events", "/log", "/artifacts", "/artifacts/x"):
            assert half.get(f"{JOBS}/{hidden}{path}").status_code == 403, path
        for verb in ("cancel", "rerun"):
            assert half.post(f"{JOBS}/{hidden}/{verb}").status_code == 403, verb
        assert http.get(f"{JOBS}/{hidden}").json()["state"] == "pending"
        assert half.post(f"{JOBS}/{seen}/cancel").json()["state"] == "canceled"


# — read —


def test_events_come_by_pages(api: httpx.Client) -> None:
    job_id = launched(api, "web-1")
    job = ended(api, job_id)
    path = f"{JOBS}/{job_id}/events"

    pages: list[list[dict[str, Any]]] = []
    while page := api.get(path, params={"limit": 3, "after": 3 * len(pages)}).json()["events"]:
        pages.append(page)

    events = [event for page in pages for event in page]
    assert [event["seq"] for event in events] == list(range(1, job["seq"] + 1))
    assert (events[0]["type"], events[-1]["type"]) == ("job_queued", "job_ended")
    assert api.get(path, params={"after": 10**6}).json() == {"events": [], "state": job["state"]}


def test_a_log_is_text_for_people(api: httpx.Client) -> None:
    job_id = launched(api, "web-1")
    ended(api, job_id)

    answer = api.get(f"{JOBS}/{job_id}/log")

    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    lines = [line.partition(" ")[2] for line in answer.text.splitlines()]
    assert lines[0] == "queued by system:owner via api, allowed by rule 'owner'"
    assert "TASK [hello : Greet]" in lines
    assert lines[-1] == "successful: 1 of 1 hosts done"


def test_what_a_run_left_is_a_download_and_never_a_page(api: httpx.Client) -> None:
    job_id = launched(api, "web-1", roles=["leaver"])
    ended(api, job_id)
    path = f"{JOBS}/{job_id}/artifacts"

    [left] = api.get(path).json()["artifacts"]
    answer = api.get(f"{path}/{left['name']}")

    assert (left["name"], left["size"]) == ("report.txt", len(answer.content))
    assert answer.text == "all is well on web-1\n"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["none", "%2e%2e/%2e%2e/owner.token", "%2fetc%2fpasswd", "a%0ab"])
def test_an_artifact_is_nothing_but_what_was_left(api: httpx.Client, name: str) -> None:
    job_id = launched(api, "web-1", roles=["leaver"])
    ended(api, job_id)

    assert api.get(f"{JOBS}/{job_id}/artifacts/{name}").status_code in (404, 422)


# — ended and asked for again —


def test_a_job_that_waits_is_ended_at_once(site: Site, api: httpx.Client) -> None:
    site.owner.lock("env:prod", "not yet")
    job_id = launched(api, "web-1")

    job = api.post(f"{JOBS}/{job_id}/cancel").json()

    assert (job["state"], job["reason"]) == ("canceled", "canceled by system:owner")
    assert job["started"] == ""


def test_a_job_waits_for_its_host_that_is_locked_by_name(site: Site, api: httpx.Client) -> None:
    site.owner.lock("host:web-1", "not yet")
    job_id = launched(api, "web-1")

    eventually(lambda: api.get(f"{JOBS}/{job_id}").json()["state"] == "waiting", within=10)

    site.owner.unlock("host:web-1")
    assert ended(api, job_id)["state"] == "successful"


def test_a_job_that_runs_is_stopped(api: httpx.Client) -> None:
    job_id = launched(api, "web-1", roles=["sleepy"])
    eventually(lambda: api.get(f"{JOBS}/{job_id}").json()["state"] == "running", within=15)

    asked = api.post(f"{JOBS}/{job_id}/cancel")

    assert (asked.status_code, asked.json()["cancel_by"]) == (200, "system:owner")
    assert ended(api, job_id)["state"] == "canceled"


def test_a_rerun_is_a_new_job_of_the_same_request(api: httpx.Client) -> None:
    job_id = launched(api, "web-1", extra_vars={"greeting": "twice"})
    first = ended(api, job_id)

    answer = api.post(f"{JOBS}/{job_id}/rerun")

    again = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (202, f"{JOBS}/{again['id']}")
    assert (again["rerun_of"], again["request"]) == (job_id, first["request"])
    assert again["id"] != job_id


def test_a_rerun_of_what_failed_leaves_the_others_alone(api: httpx.Client) -> None:
    given = {"victims": ["web-2"], "series": new_id()}
    job_id = launched(api, "web-1", "web-2", roles=["picky"], extra_vars=given)
    assert ended(api, job_id)["state"] == "failed"

    again = api.post(f"{JOBS}/{job_id}/rerun", params={"failed": 1}).json()

    assert again["hosts"] == ["web-2"]
    done = launched(api, "web-1")
    ended(api, done)
    none = api.post(f"{JOBS}/{done}/rerun", params={"failed": 1})
    assert (none.status_code, none.json()["detail"]) == (409, "no host of this job failed")


def test_a_rerun_by_the_same_key_is_one_job(api: httpx.Client) -> None:
    job_id = launched(api, "web-1")
    key = {"Idempotency-Key": new_id()}

    ids = {api.post(f"{JOBS}/{job_id}/rerun", headers=key).json()["id"] for _ in range(2)}

    assert len(ids) == 1
    other = api.post(f"{JOBS}/{ids.pop()}/rerun", headers=key)
    assert other.status_code == 409


# — approved and rejected —


def test_approving_takes_a_member_and_the_plan_that_was_seen(site: Site) -> None:
    token = site.plane.token
    with (
        site.plane.http(token("asker")) as asker,
        site.plane.http(token("first")) as first,
        site.plane.http(token("second")) as second,
    ):
        job_id = launched(asker, "web-1")
        seen = first.get(f"{JOBS}/{job_id}").json()["approvals"]
        path = f"{JOBS}/{job_id}/approve"

        assert (seen["count"], seen["group"], seen["by"]) == (2, "approvers", [])
        assert asker.post(path).status_code == 403
        assert first.post(path, json={"digest": "0" * 64}).status_code == 409
        once = first.post(path, json={"digest": seen["digest"]}).json()
        assert (once["state"], once["approvals"]["by"]) == ("waiting", ["token:first"])
        assert first.post(path).status_code == 409
        assert second.post(path).status_code == 200
        assert ended(first, job_id)["state"] == "successful"
        assert second.post(path).status_code == 409


def test_rejecting_ends_it_and_says_why(site: Site) -> None:
    token = site.plane.token
    with site.plane.http(token("asker")) as asker, site.plane.http(token("first")) as first:
        job_id = launched(asker, "web-1")

        assert asker.post(f"{JOBS}/{job_id}/reject").status_code == 403
        job = first.post(f"{JOBS}/{job_id}/reject", json={"reason": "not now"}).json()

    assert (job["state"], job["reason"]) == ("canceled", "rejected by token:first: not now")


def test_what_needs_nobody_is_not_approved(queue: Site) -> None:
    with queue.plane.http() as http, queue.plane.http(queue.plane.token("first")) as first:
        job_id = launched(http, "web-1")

        for verb in ("approve", "reject"):
            assert first.post(f"{JOBS}/{job_id}/{verb}").status_code == 409
