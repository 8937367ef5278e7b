"""Actions over HTTP: described, planned, and launched with options."""

from typing import Any

import httpx
import jsonschema_rs
import pytest

from bootstrapper.actions.registry import actions
from bootstrapper.ids import new_id
from support.site import Site

ACTIONS = "/api/v1/actions"
APPLY = f"{ACTIONS}/apply-roles"
HELLO: dict[str, Any] = {"roles": ["hello"], "hosts": ["web-1"]}


def test_each_action_is_described_and_its_example_fits(api: httpx.Client) -> None:
    told = api.get(ACTIONS).json()["actions"]

    assert {each["name"] for each in told} == set(actions())
    for each in told:
        assert each["summary"], each["name"]
        assert each["risk"] in ("read", "change", "destructive")
        jsonschema_rs.validate(each["schema"], each["example"])


def test_nobody_else_may_look(site: Site) -> None:
    with site.plane.http(site.plane.token("stranger")) as stranger:
        assert stranger.get(ACTIONS).status_code == 403
        assert stranger.post(APPLY, json=HELLO, params={"plan": 1}).status_code == 403


def test_an_unknown_action_is_no_path(api: httpx.Client) -> None:
    assert api.post(f"{ACTIONS}/apply-rolls", json=HELLO).status_code == 404


def test_a_plan_tells_what_it_would_be_and_changes_with_it(api: httpx.Client) -> None:
    def digest(**more: Any) -> str:
        return str(api.post(APPLY, json=HELLO | more, params={"plan": 1}).json()["digest"])

    digests = [digest(), digest(hosts=["web-2"]), digest(check=True), digest(extra_vars={"a": 1})]

    assert len(set(digests)) == 4
    assert digest() == digests[0]


@pytest.mark.parametrize("name", ["db-1", "127.77.0.4", "0::ffff:127.77.0.4"])
def test_a_machine_is_denied_under_each_of_its_names(site: Site, name: str) -> None:
    request = {"hosts": [name], "module": "ping"}
    with site.plane.http(site.plane.token("wary")) as wary:
        denied = wary.post(f"{ACTIONS}/run-module", json=request)
        other = wary.post(f"{ACTIONS}/run-module", json={**request, "hosts": ["web-1"]})

    assert (denied.status_code, denied.json().get("rule")) == (403, "not-the-database")
    assert other.status_code == 202


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"priority": "high"}, {"priority": "high"}),
        ({"not_before": "2099-01-01T00:00:00Z"}, {"waits_for": "time", "state": "waiting"}),
        ({"not_before": "2001-01-01T00:00:00+01:00"}, {"state": "pending"}),
        ({"retries": 10, "timeout": 604800}, {"state": "pending"}),
        ({"lock": ["a", "b"]}, {"state": "pending"}),
    ],
)
def test_options_are_the_jobs(
    queue: Site, options: dict[str, Any], expected: dict[str, Any]
) -> None:
    with queue.plane.http() as http:
        job = http.post(APPLY, json=HELLO, params=options).json()

    assert expected.items() <= job.items()


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"priority": "urgent"}, "priority"),
        ({"not_before": "2030-01-01"}, "not_before"),
        ({"not_before": "0001-01-01T00:00:00+23:59"}, "not_before"),
        ({"not_before": "9999-12-31T23:59:59-23:59"}, "not_before"),
        ({"retries": "11"}, "retries"),
        ({"retries": "9" * 500}, "retries"),
        ({"timeout": "-1"}, "timeout"),
        ({"timeout": "nan"}, "timeout"),
        ({"timeout": "inf"}, "timeout"),
        ({"timeout": "1e999"}, "timeout"),
        ({"wait": "301"}, "wait"),
        ({"plan": "maybe"}, "plan"),
        ({"lock": ""}, "lock"),
        ({"lock": "a\0"}, "lock"),
        ({"lock": "\x1b[2J"}, "lock"),
    ],
)
def test_options_that_are_none(queue: Site, options: dict[str, str], field: str) -> None:
    with queue.plane.http() as http:
        answer = http.post(APPLY, json=HELLO, params=options)

    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_what_must_not_be_repeated_takes_no_retries(queue: Site) -> None:
    with queue.plane.http() as http:
        request = {"hosts": ["web-1"], "module": "ping"}
        answer = http.post(f"{ACTIONS}/run-module", json=request, params={"retries": 1})

    assert (answer.status_code, answer.json()["field"]) == (422, "retries")


def test_a_key_is_its_actors_own(queue: Site) -> None:
    key = {"Idempotency-Key": new_id()}

    with queue.plane.http() as http, queue.plane.http("") as here:
        ids = [
            each.post(APPLY, json=HELLO, headers=key).json()["id"] for each in (http, here, http)
        ]

    assert (ids[0] == ids[2], ids[0] == ids[1]) == (True, False)


@pytest.mark.parametrize(
    "key", [b"a" * 5000, b"\xff\xfe", "é".encode(), b"\x7f"], ids=["long", "bytes", "é", "delete"]
)
def test_an_odd_key_is_a_key(queue: Site, key: bytes) -> None:
    with queue.plane.http() as http:
        headers = {b"Idempotency-Key": key}
        ids = {http.post(APPLY, json=HELLO, headers=headers).json()["id"] for _ in range(2)}

    assert len(ids) == 1


def test_options_are_part_of_what_a_key_stands_for(queue: Site) -> None:
    key = {"Idempotency-Key": new_id()}

    with queue.plane.http() as http:
        http.post(APPLY, json=HELLO, headers=key)
        answer = http.post(APPLY, json=HELLO, headers=key, params={"priority": "high"})

    assert (answer.status_code, answer.json()["title"]) == (409, "Conflict")
