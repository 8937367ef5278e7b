"""Statuses, problem details, plans, waits: what a program that calls the API relies on."""

import time
from typing import Any

import httpx
import pytest

from bootstrapper.ids import new_id
from support.rules import PASSWORD
from support.site import Site

APPLY = "/api/v1/actions/apply-roles"
HELLO: dict[str, Any] = {"roles": ["hello"], "hosts": ["web-1"]}


def launched(api: httpx.Client, **more: Any) -> dict[str, Any]:
    answer = api.post(APPLY, json=HELLO, **more)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


# — who —


def test_without_credentials_nobody_is_known(anybody: httpx.Client) -> None:
    answer = anybody.get("/api/v1/whoami")

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["title"] == "Not identified"


@pytest.mark.parametrize(
    "header",
    ["Bearer x", "Bearer bst_000000000000_" + "a" * 43, "Bearer", "Basic !!!", "Basic eA==",
     "Basic YWxpY2U6d3Jvbmc=", "Basic Ym9iOmI=", "Digest x", "bst_1"],
)  # fmt: skip
def test_wrong_credentials_are_none(anybody: httpx.Client, header: str) -> None:
    assert anybody.get("/api/v1/whoami", headers={"Authorization": header}).status_code == 401


def test_a_token_speaks_for_its_actor(site: Site) -> None:
    assert site.plane.as_actor("reader").whoami().actor == "token:reader"
    assert site.owner.whoami().actor == "system:owner"


def test_a_user_may_come_with_a_password(anybody: httpx.Client) -> None:
    for _ in range(2):  # the second time from memory
        answer = anybody.get("/api/v1/whoami", auth=("alice", PASSWORD))
        assert answer.json() == {"actor": "user:alice", "groups": ["approvers"], "via": "api"}
    assert anybody.get("/api/v1/whoami", auth=("alice", "wrong")).status_code == 401


def test_a_token_is_shown_once_and_can_be_taken_back(site: Site, api: httpx.Client) -> None:
    name = f"short-{new_id()}"
    made = api.post("/api/v1/tokens", json={"name": name, "expires": "1h"})
    assert made.status_code == 201
    secret = made.json()["token"]
    bearer = {"Authorization": f"Bearer {secret}"}

    assert secret not in api.get("/api/v1/tokens").text
    assert api.post("/api/v1/tokens", json={"name": name}).status_code == 409
    assert httpx.get(f"{site.plane.url}/api/v1/whoami", headers=bearer).status_code == 200
    assert api.delete(f"/api/v1/tokens/{name}").status_code == 204
    assert httpx.get(f"{site.plane.url}/api/v1/whoami", headers=bearer).status_code == 401
    assert api.delete(f"/api/v1/tokens/{name}").status_code == 404


@pytest.mark.parametrize("expires", ["yesterday", "2001-01-01T00:00:00Z", "0s", "30x"])
def test_a_token_ends_at_a_time_to_come(api: httpx.Client, expires: str) -> None:
    answer = api.post("/api/v1/tokens", json={"name": "never", "expires": expires})

    assert answer.status_code == 422


# — problems —


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "field"),
    [
        pytest.param("POST", APPLY, {"roles": ["hello"]}, 422, "hosts", id="a field is missing"),
        pytest.param("POST", APPLY, {**HELLO, "hosts": [1]}, 422, "hosts[0]", id="not a text"),
        pytest.param("POST", APPLY, {**HELLO, "x": 1}, 422, "x", id="an unknown field"),
        pytest.param("POST", APPLY, {**HELLO, "roles": ["x"]}, 404, "roles[0]", id="no such role"),
        pytest.param("POST", APPLY + "?retries=x", HELLO, 422, "retries", id="a bad parameter"),
        pytest.param("POST", APPLY + "?x=1", HELLO, 422, "x", id="an unknown parameter"),
        pytest.param("POST", APPLY + "?wait=1&wait=2", HELLO, 422, "wait", id="given twice"),
        pytest.param("POST", APPLY + "?not_before=x", HELLO, 422, "not_before", id="no time"),
        pytest.param("GET", "/api/v1/jobs/none-such", None, 404, "", id="no such job"),
        pytest.param("GET", "/api/v1/jobs?limit=0", None, 422, "limit", id="out of bounds"),
        pytest.param("GET", "/api/v1/nowhere", None, 404, "", id="no such route"),
        pytest.param("PATCH", "/api/v1/jobs", None, 405, "", id="no such method"),
        pytest.param("PUT", "/api/v1/locks/x:y", {}, 422, "resource", id="no such kind of lock"),
        pytest.param("DELETE", "/api/v1/freezes/none", None, 404, "", id="no such freeze"),
    ],
)  # fmt: skip
def test_a_problem_says_what_and_where(
    api: httpx.Client, method: str, path: str, body: Any, status: int, field: str
) -> None:
    answer = api.request(method, path, json=body)

    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem.get("type", "about:blank") == "about:blank"
    assert problem["title"]
    assert problem["detail"]
    assert problem.get("field", "") == field


def test_an_action_that_is_not_there_is_named_with_its_nearest(api: httpx.Client) -> None:
    answer = api.post("/api/v1/actions/apply-role", json=HELLO)

    assert (answer.status_code, answer.json()["detail"]) == (
        404, "this server has no action 'apply-role'; did you mean 'apply-roles'?",
    )  # fmt: skip
    told = api.get("/api/v1/jbos").json()["detail"]
    assert told == "there is no /api/v1/jbos: /docs lists what is"


def test_a_cron_line_of_other_than_five_fields_is_told_which_five(api: httpx.Client) -> None:
    wanted = {"cron": "foo", "action": "sync-content"}

    answer = api.put("/api/v1/schedules/x", json=wanted)

    told = "'foo' has not five fields: minute hour day month weekday, such as '0 3 * * *'"
    assert (answer.status_code, answer.json()["detail"]) == (422, told)


def test_a_denial_names_its_rule(site: Site) -> None:
    with site.plane.http(site.plane.token("frugal")) as frugal:
        for _ in range(3):
            answer = frugal.post("/api/v1/actions/sync-content", json={})
            assert answer.status_code == 202
        answer = frugal.post("/api/v1/actions/sync-content", json={})

    assert (answer.status_code, answer.json()["rule"]) == (403, "frugal")
    assert "3/hour, and that is spent" in answer.json()["detail"]


def test_a_body_that_is_too_large(api: httpx.Client) -> None:
    answer = api.post(APPLY, content=b" " * 2_000_000)

    assert (answer.status_code, answer.json()["status"]) == (413, 413)
    assert "api.body_bytes" in answer.json()["detail"]


@pytest.mark.parametrize("raw", [b"{", b"\xff", b"[1]", b'{"roles": ["a\xff"]}', b"nul"])
def test_a_body_that_is_no_request(api: httpx.Client, raw: bytes) -> None:
    assert api.post(APPLY, content=raw).status_code == 422


def test_a_job_that_has_ended_is_a_conflict_to_cancel(api: httpx.Client) -> None:
    job = launched(api, params={"wait": 30})

    assert api.post(f"/api/v1/jobs/{job['id']}/cancel").status_code == 409


def test_the_same_key_is_the_same_job(api: httpx.Client) -> None:
    key = {"Idempotency-Key": new_id()}

    ids = {launched(api, headers=key)["id"] for _ in range(3)}
    other = api.post(APPLY, json={**HELLO, "check": True}, headers=key)

    assert len(ids) == 1
    assert other.status_code == 409


# — launch, wait, plan —


def test_a_launch_says_where_its_job_is(api: httpx.Client) -> None:
    answer = api.post(APPLY, json=HELLO)

    assert answer.headers["location"] == f"/api/v1/jobs/{answer.json()['id']}"
    assert api.get(answer.headers["location"]).json()["id"] == answer.json()["id"]
    assert answer.headers["cache-control"] == "no-store"


def test_a_wait_answers_with_the_end(api: httpx.Client) -> None:
    job = launched(api, params={"wait": 30})

    assert (job["state"], job["stats"]["web-1"]["ok"]) == ("successful", 1)


def test_a_wait_is_over_when_its_time_is(api: httpx.Client) -> None:
    slow = {"roles": ["sleepy"], "hosts": ["web-1"]}
    began = time.monotonic()

    job = api.post(APPLY, json=slow, params={"wait": 1}).json()

    assert job["state"] in ("pending", "running")
    assert 1 <= time.monotonic() - began < 5


def test_a_plan_does_nothing_and_says_what_would_be(api: httpx.Client) -> None:
    before = newest(api)

    answer = api.post(APPLY, json={**HELLO, "hosts": ["web"], "env": "prod"}, params={"plan": 1})

    plan = answer.json()
    assert answer.status_code == 200
    assert (plan["count"], plan["env"]) == (3, "prod")
    assert plan["locks"][0] == "env:prod (shared)"
    assert len([lock for lock in plan["locks"] if lock.startswith("host:")]) == 3
    assert plan["verdict"]["effect"] == "allow"
    assert newest(api) == before


def newest(api: httpx.Client) -> str:
    jobs = api.get("/api/v1/jobs", params={"limit": 1}).json()["jobs"]
    return str(jobs[0]["id"]) if jobs else ""


def test_a_plan_tells_a_no_without_saying_no(site: Site) -> None:
    plan = site.plane.as_actor("reader").plan("apply-roles", HELLO)

    assert (plan.verdict.effect, plan.verdict.reason) == ("deny", "no rule allows it")


def test_jobs_are_listed_by_pages_and_by_what_they_are(api: httpx.Client) -> None:
    ids = [launched(api, params={"wait": 30})["id"] for _ in range(3)]

    first = api.get("/api/v1/jobs", params={"limit": 2, "host": "web-1"}).json()
    rest = api.get("/api/v1/jobs", params={"limit": 2, "cursor": first["next"]}).json()

    assert [job["id"] for job in first["jobs"]] == ids[:0:-1]
    assert rest["jobs"][0]["id"] == ids[0]
    assert api.get("/api/v1/jobs", params={"state": "lost", "env": "prod"}).json()["jobs"] == []


def test_whoever_may_not_read_a_job_does_not_see_it(site: Site, api: httpx.Client) -> None:
    job = launched(api)
    with site.plane.http(site.plane.token("stranger")) as stranger:
        assert stranger.get(f"/api/v1/jobs/{job['id']}").status_code == 403
        assert stranger.get(f"/api/v1/jobs/{job['id']}/log").status_code == 403
        assert stranger.get("/api/v1/jobs").status_code == 403
    with site.plane.http(site.plane.token("lister")) as lister:
        assert lister.get("/api/v1/jobs").json()["jobs"] == []


# — the audit —


def test_every_verdict_is_in_an_audit_that_holds(site: Site, api: httpx.Client) -> None:
    job = launched(api)
    with site.plane.http(site.plane.token("stranger")) as stranger:
        assert stranger.post(APPLY, json=HELLO).status_code == 403

    check = api.get("/api/v1/audit/verify").json()
    assert (check["ok"], check["broken"]) == (True, None)
    last = api.get("/api/v1/audit", params={"after": max(0, check["entries"] - 50)}).json()
    told = {(each["job"], each["effect"]) for each in last["entries"]}
    assert (job["id"], "allow") in told
    assert "deny" in {each["effect"] for each in last["entries"]}
