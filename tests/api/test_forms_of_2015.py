"""The calls of 2015, literally: what a machine that boots says with curl and nothing else."""

import json
import subprocess
from typing import Any

import pytest

from support.eventually import eventually
from support.rules import PASSWORD
from support.services import need
from support.site import Site

FIELDS = ["ok", "changed", "failures", "unreachable", "skipped"]
Curl = tuple[str, ...]


def curl(site: Site, *words: str, who: Curl | None = None) -> str:
    """What it prints; `who`: how it says who it is (by the owner's token, unless told)."""
    need("curl")
    who = ("-H", f"Authorization: Bearer {site.plane.owner_token}") if who is None else who
    *options, path = words
    command = ["curl", "-sS", "--max-time", "20", *who, *options, site.plane.url + path]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def result(site: Site, job_id: str) -> Any:
    return json.loads(curl(site, f"/ansible/results/{job_id}"))


def is_waiting(site: Site, job_id: str) -> bool:
    return bool(result(site, job_id) == {"status": "waiting"})


# — from the first word to the last —


def test_a_role_is_in_queue_then_waiting_then_has_its_statistics(site: Site) -> None:
    site.owner.lock(f"host:{site.sshd.addresses[0]}:{site.sshd.port}", "not yet")
    words = ("-d", "host=web-1", "-d", "role=stamp,hello", "-d", "env=prod")

    job_id = curl(site, *words, "/ansible/role/")
    assert result(site, job_id) == {"status": "in-queue"}
    site.waits(job_id)
    assert result(site, job_id) == {"status": "in-queue"}
    site.owner.unlock(f"host:{site.sshd.addresses[0]}:{site.sshd.port}")
    eventually(lambda: is_waiting(site, job_id), within=15, what="it runs")
    site.end(job_id)

    found = result(site, job_id)
    assert found == {
        "web-1": {"ok": 2, "changed": found["web-1"]["changed"], "failures": 0,
                  "unreachable": 0, "skipped": 0}
    }  # fmt: skip
    assert list(found["web-1"]) == FIELDS


def test_the_answer_is_an_id_and_nothing_else(site: Site) -> None:
    job_id = curl(site, "-d", "host=web-1&role=hello", "/ansible/role/")

    assert site.end(job_id).id == job_id
    head, _, body = curl(site, "-i", "-d", "host=web-1&role=hello", "/ansible/role/").partition(
        "\r\n\r\n"
    )
    assert "content-type: text/plain; charset=utf-8" in head.lower()
    assert body == body.strip()


def test_the_statistics_of_hosts_that_failed(site: Site) -> None:
    job_id = curl(site, "-d", "host=web-1,gone-1", "-d", "role=hello", "/ansible/role/")
    site.end(job_id)

    found = result(site, job_id)

    assert [list(counts) for counts in found.values()] == [FIELDS, FIELDS]
    assert (found["gone-1"]["unreachable"], found["web-1"]["failures"]) == (1, 0)


def test_a_job_that_ended_before_it_began_has_failed(site: Site) -> None:
    site.owner.lock("env:staging", "not yet")
    job_id = curl(site, "-d", "host=stage-1&role=hello", "/ansible/role/")

    site.owner.cancel(job_id)

    assert result(site, job_id) == {"status": "failed"}


def test_a_module_by_get_and_by_post(site: Site) -> None:
    words = ("--data-urlencode", "args=echo 'a & b'", "-d", "host=web-1", "-d", "mod=command")

    for method in (("-G",), ()):
        job_id = curl(site, *method, *words, "/ansible/adhoc/")
        assert site.end(job_id).request["args"] == "echo 'a & b'"
        assert result(site, job_id)["web-1"]["failures"] == 0


def test_code_by_its_tags(site: Site) -> None:
    job_id = curl(site, "-d", "tags=api", "-d", "env=staging", "/ansible/update-code/")

    site.end(job_id)

    assert set(result(site, job_id)) == {"stage-1", "stage-2"}


# — who —


@pytest.mark.parametrize(
    ("who", "actor"),
    [
        pytest.param(("-u", f"alice:{PASSWORD}"), "user:alice", id="a user with a password"),
        pytest.param((), "network:here", id="the network, where it is trusted"),
    ],
)
def test_authority_without_a_token(queue: Site, who: Curl, actor: str) -> None:
    job_id = curl(queue, "-d", "host=web-1&role=hello", "/ansible/role/", who=who)

    job = queue.owner.job(job_id)
    assert (job.actor, job.via) == (actor, "form2015")
    assert json.loads(curl(queue, f"/ansible/results/{job_id}", who=who)) == {"status": "in-queue"}


@pytest.mark.parametrize(
    ("who", "status"),
    [
        pytest.param((), 401, id="nobody"),
        pytest.param(("-u", "alice:wrong"), 401, id="another password"),
        pytest.param(("-u", "bob:"), 401, id="no such user"),
        pytest.param(("-H", "Authorization: Bearer x"), 401, id="no token"),
    ],
)
def test_without_authority_nothing_is_done(site: Site, who: Curl, status: int) -> None:
    form = ("-d", "host=web-1&role=hello")
    asked = ("-w", "\n%{http_code} %{content_type}")

    for words in ((*form, "/ansible/role/"), ("/ansible/results/last",)):
        body, _, said = curl(site, *asked, *words, who=who).rpartition("\n")
        assert said == f"{status} application/problem+json"
        assert json.loads(body)["status"] == status


@pytest.mark.parametrize(
    ("header", "code"),
    [
        pytest.param("Origin: https://elsewhere.example", 401, id="a page of somebody else"),
        pytest.param("Sec-Fetch-Site: cross-site", 401, id="its link or image"),
        pytest.param("Sec-Fetch-Site: same-origin", 200, id="a page of our own"),
    ],
)
def test_a_strange_page_in_a_browser_has_no_authority_of_its_network(
    queue: Site, header: str, code: int
) -> None:
    form = ("-H", header, "-d", "host=web-1&role=hello")
    told = curl(queue, "-w", "\n%{http_code}", *form, "/ansible/role/", who=())

    assert told.splitlines()[-1] == str(code)


def test_a_network_may_do_only_what_its_rule_says(queue: Site) -> None:
    told = json.loads(curl(queue, "-d", "tags=api&env=staging", "/ansible/update-code/", who=()))

    assert (told["status"], told["title"]) == (403, "The policy says no")


@pytest.mark.parametrize(
    ("form", "status", "field"),
    [
        pytest.param("host=web-9&role=hello", 404, "hosts[0]", id="no such host"),
        pytest.param("host=web-1&role=hello&env=none", 404, "env", id="no such env"),
        pytest.param("host=web-1&role=none", 404, "roles[0]", id="no such role"),
        pytest.param("host=web-1", 422, "role", id="no role at all"),
        pytest.param("host=%ff&role=hello", 422, "", id="no text"),
    ],
)
def test_a_form_that_cannot_be_done(site: Site, form: str, status: int, field: str) -> None:
    told = json.loads(curl(site, "-d", form, "/ansible/role/"))

    assert (told["status"], told.get("field", "")) == (status, field)
