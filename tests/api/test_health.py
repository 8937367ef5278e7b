"""What load balancers, Prometheus and people with a browser see."""

from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from support.control import ControlPlane, api_alone
from support.rules import policy
from support.site import Site


def test_it_is_alive_and_ready(anybody: httpx.Client) -> None:
    assert anybody.get("/healthz").text == "ok\n"
    assert anybody.get("/readyz").json() == {"ready": True, "missing": []}


def test_its_numbers_are_prometheus_own_format(site: Site, api: httpx.Client) -> None:
    site.run("apply-roles", {"roles": ["hello"], "hosts": ["web-1"]})

    families = {
        family.name: family for family in text_string_to_metric_families(api.get("/metrics").text)
    }

    ended = {tuple(s.labels.values()): s.value for s in families["bootstrapper_jobs_ended"].samples}
    assert ended["apply-roles", "successful"] >= 1
    assert families["bootstrapper_workers"].samples[0].value == 1
    assert families["bootstrapper_slots"].samples[0].value == 4
    open_jobs = {s.labels["state"] for s in families["bootstrapper_jobs_open"].samples}
    assert open_jobs == {"pending", "waiting", "running"}
    assert "bootstrapper_queue_depth" in families


def test_its_numbers_are_not_for_everybody(anybody: httpx.Client) -> None:
    assert anybody.get("/metrics").status_code == 401


def test_its_page_of_documentation_runs_nothing(anybody: httpx.Client) -> None:
    answer = anybody.get("/docs")

    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "<script" not in answer.text
    assert "launchApplyRoles" in answer.text


@pytest.fixture
def bare() -> Iterator[ControlPlane]:
    """The API alone: no worker, no content."""
    with api_alone({"api": {"trust_networks": True}}, policy()) as plane:
        yield plane


def test_readiness_names_what_is_missing(bare: ControlPlane) -> None:
    def missing() -> list[str]:
        answer = httpx.get(f"{bare.url}/readyz")
        assert answer.status_code == 503
        found: list[str] = answer.json()["missing"]
        return found

    assert missing() == [
        "workers: none is alive: bootstrapper work",
        "content: none is set: content.path or content.git",
    ]
    (bare.folder / "policy.toml").write_text("[[rule]]\n")
    assert missing()[0].startswith("policy: the changed file is not in force")
    (bare.folder / "policy.toml").write_text(policy())
    bare.redis.kill()
    assert any(each.startswith("redis: ") for each in missing())
    assert httpx.get(f"{bare.url}/healthz").text == "ok\n"
    bare.redis.restart()
    assert not any(each.startswith("redis: ") for each in missing())


def test_a_network_may_be_trusted_with_what_its_rule_says(bare: ControlPlane) -> None:
    with bare.http("") as here:
        assert here.get("/api/v1/whoami").json()["actor"] == "network:here"
        assert here.get("/api/v1/jobs").json()["jobs"] == []
        assert here.get("/api/v1/tokens").status_code == 403
        forged = {"X-Forwarded-For": "10.9.9.9"}
        assert here.get("/api/v1/whoami", headers=forged).json()["actor"] == "network:here"
