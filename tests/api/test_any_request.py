"""Schemathesis makes up requests from the API's own description: none of them may break it."""

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error

from bootstrapper.api.app import all_routes
from bootstrapper.api.openapi import openapi
from support.site import Site

schema = schemathesis.openapi.from_dict(openapi(all_routes(), ""))


@schema.parametrize()  # type: ignore[untyped-decorator]
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.generate],
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_no_request_breaks_the_server(case: schemathesis.Case, site: Site) -> None:
    headers = {"Authorization": f"Bearer {site.plane.token('fuzzer')}"}

    case.call_and_validate(base_url=site.plane.url, headers=headers, checks=[not_a_server_error])


def test_the_description_is_what_the_server_shows(anybody: httpx.Client) -> None:
    shown = anybody.get("/openapi.json").json()

    assert shown["paths"].keys() == openapi(all_routes(), "")["paths"].keys()


@pytest.mark.parametrize("path", ["/%00", "/api/v1/jobs/%00", "/api/v1/jobs/%ff", "/..%2f..", "//"])
def test_odd_paths_are_answered(api: httpx.Client, path: str) -> None:
    assert api.get(path).status_code in (200, 404, 422)
