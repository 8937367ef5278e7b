"""Schemathesis makes up requests from the API's own description: none of them may break it."""

from collections.abc import Iterator
from typing import Any
from zlib import crc32

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error

from bootstrapper.api.app import all_routes
from bootstrapper.api.openapi import openapi
from support.content import write_content
from support.control import ControlPlane, api_alone
from support.eventually import eventually
from support.services import short_folder
from support.site import Site
from support.sshd import Sshd

schema = schemathesis.openapi.from_dict(openapi(all_routes(), ""))
writes = schema.include(method=["POST", "PUT", "PATCH", "DELETE"])
launches_by_get = schema.include(method="GET", path="/ansible/adhoc/")
REAL: dict[str, Any] = {
    "hosts": ["web-1", "web-2"],
    "host": "web-1",
    "limit": ["web-1"],
    "roles": ["hello"],
    "role": "hello",
    "playbook": "site",
    "module": "ping",
    "mod": "ping",
    "tags": ["web"],
    "skip_tags": [],
    "env": "prod",
    "action": "run-module",
    "request": {"hosts": ["web-1"], "module": "ping"},
    "actor": "token:somebody",
    "cron": "0 3 * * *",
    "zone": "UTC",
}
_how: dict[str, Any] = {
    "deadline": None,
    "phases": [Phase.generate],
    "derandomize": True,
    "suppress_health_check": list(HealthCheck),
}


@schema.parametrize()  # type: ignore[untyped-decorator]
@settings(max_examples=12, **_how)
def test_no_request_breaks_the_server(case: schemathesis.Case, site: Site) -> None:
    headers = {"Authorization": f"Bearer {site.plane.token('fuzzer')}"}

    case.call_and_validate(base_url=site.plane.url, headers=headers, checks=[not_a_server_error])


@pytest.fixture(scope="module")
def accepting(sshd: Sshd) -> Iterator[ControlPlane]:
    """It accepts whatever its owner asks for, and has nobody who would do it."""
    with short_folder("fuzz") as folder:
        content = write_content(folder / "content", sshd, folder / "scratch")
        with api_alone({"content": {"path": str(content)}}) as plane:
            eventually(lambda: plane.owner.content().commit, within=20, what="it has content")
            for number in range(3):
                plane.owner.launch("run-module", {"hosts": ["web-1"], "args": f"echo {number}"})
            yield plane


@writes.parametrize()  # type: ignore[untyped-decorator]
@settings(max_examples=20, **_how)
def test_nothing_that_its_owner_may_do_breaks_the_server(
    case: schemathesis.Case, accepting: ControlPlane
) -> None:
    """Behind the first door: half of the requests are about hosts, roles and jobs that exist."""
    ask_as_owner(case, accepting)


@launches_by_get.parametrize()  # type: ignore[untyped-decorator]
@settings(max_examples=20, **_how)
def test_nor_does_a_launch_by_its_address(case: schemathesis.Case, accepting: ControlPlane) -> None:
    ask_as_owner(case, accepting)


def ask_as_owner(case: schemathesis.Case, accepting: ControlPlane) -> None:
    name_what_exists(case)
    case.call_and_validate(
        base_url=accepting.url,
        headers={"Authorization": f"Bearer {accepting.owner_token}"},
        params={"wait": "0"} if "wait" in (case.query or {}) else None,
        checks=[not_a_server_error],
        timeout=10,
    )


def name_what_exists(case: schemathesis.Case) -> None:
    """By the request's own digits, so that the same requests are made each time."""
    asked = repr((case.path_parameters, case.query, case.body))
    if crc32(asked.encode(errors="replace")) % 2:
        return
    if "/jobs/" in case.path and case.path_parameters:
        case.path_parameters["id"] = "last"
    if not isinstance(case.body, dict):
        return
    for field in case.body.keys() & REAL.keys():
        case.body[field] = REAL[field]
    if "extra_vars" in case.body:
        case.body["extra_vars"] = {"given": case.body["extra_vars"]}


def test_the_owner_did_get_in(accepting: ControlPlane) -> None:
    """Else the test above would have tried the door alone."""
    jobs = accepting.owner.jobs(limit=1000).jobs
    assert len(jobs) > 5
    assert accepting.owner.verify_audit().ok


def test_the_description_is_what_the_server_shows(anybody: httpx.Client) -> None:
    shown = anybody.get("/openapi.json").json()

    assert shown["paths"].keys() == openapi(all_routes(), "")["paths"].keys()


@pytest.mark.parametrize("path", ["/%00", "/api/v1/jobs/%00", "/api/v1/jobs/%ff", "/..%2f..", "//"])
def test_odd_paths_are_answered(api: httpx.Client, path: str) -> None:
    assert api.get(path).status_code in (200, 404, 422)
