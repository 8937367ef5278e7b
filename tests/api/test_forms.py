"""The calls of 2015, as scripts make them: forms in, an id out, and a few fixed words."""

import httpx
import pytest

from bootstrapper.jobs.states import State
from support.eventually import eventually
from support.site import Site

STATS = {"ok", "changed", "failures", "unreachable", "skipped"}


def asked(api: httpx.Client, path: str, form: dict[str, str]) -> str:
    """The id: all that the answer says."""
    answer = api.post(path, data=form)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    return answer.text


def result(api: httpx.Client, job_id: str) -> dict[str, object]:
    answer = api.get(f"/ansible/results/{job_id}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    found: dict[str, object] = answer.json()
    return found


def test_a_role_by_form_from_its_first_word_to_its_statistics(
    site: Site, api: httpx.Client
) -> None:
    site.owner.lock("env:prod", "hold on")
    job_id = asked(
        api, "/ansible/role/", {"host": "web-1, web-2", "role": "sleepy,hello", "env": "prod"}
    )
    assert result(api, job_id) == {"status": "in-queue"}
    site.owner.cancel(job_id)
    assert result(api, job_id) == {"status": "failed"}
    site.owner.unlock("env:prod")

    job_id = asked(api, "/ansible/role/", {"host": "web-1,web-2", "role": "hello"})
    site.end(job_id)

    found = result(api, job_id)
    assert found.keys() == {"web-1", "web-2"}
    for host in found.values():
        assert isinstance(host, dict)
        assert host.keys() == STATS
        assert (host["ok"], host["failures"], host["unreachable"]) == (1, 0, 0)
    assert site.owner.job(job_id).via == "form2015"


def test_a_job_that_runs_is_waiting(site: Site, api: httpx.Client) -> None:
    job_id = asked(api, "/ansible/role/", {"host": "web-1", "role": "sleepy"})

    eventually(lambda: result(api, job_id) == {"status": "waiting"}, within=15)


def test_a_module_by_get_and_by_post(site: Site, api: httpx.Client) -> None:
    form = {"host": "web-1", "mod": "command", "args": "printf '%s' 'a&b=c d'"}
    by_get = api.get("/ansible/adhoc/", params=form)
    by_post = asked(api, "/ansible/adhoc/", form)

    for job_id in (by_get.text, by_post):
        job = site.end(job_id)
        assert (job.state, job.request["args"]) == (State.SUCCESSFUL, form["args"])


def test_code_by_form(site: Site, api: httpx.Client) -> None:
    job_id = asked(api, "/ansible/update-code/", {"tags": "api,web", "env": "staging"})

    assert site.end(job_id).request["tags"] == ["api", "web"]


def test_a_failed_play_still_has_its_statistics(site: Site, api: httpx.Client) -> None:
    job_id = asked(api, "/ansible/adhoc/", {"host": "web-1", "mod": "command", "args": "false"})
    site.end(job_id)

    assert result(api, job_id) == {
        "web-1": {"ok": 0, "changed": 0, "failures": 1, "unreachable": 0, "skipped": 0}
    }


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        pytest.param("/ansible/role/", {"host": "web-1"}, 422, id="no role"),
        pytest.param("/ansible/role/", {"host": "web-1", "role": "nnone"}, 404, id="unknown role"),
        pytest.param("/ansible/role/", {"host": "@x", "role": "hello"}, 422, id="not a host"),
        pytest.param("/ansible/adhoc/", {"host": "web-1"}, 422, id="no module"),
        pytest.param("/ansible/update-code/", {}, 422, id="no tags"),
    ],
)  # fmt: skip
def test_a_wrong_form_is_a_problem(
    api: httpx.Client, path: str, form: dict[str, str], status: int
) -> None:
    answer = api.post(path, data=form)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_results_of_no_job(api: httpx.Client) -> None:
    answer = api.get("/ansible/results/00000000-0000-7000-8000-000000000000")

    assert answer.status_code == 404
