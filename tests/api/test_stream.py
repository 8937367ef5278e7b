"""The event stream: each entry once, in order, from wherever the reader was."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import msgspec
import pytest

from support.site import Site

NO_SUCH = "00000000-0000-7000-8000-000000000000"
STREAM = {"Accept": "text/event-stream"}


def read(lines: Iterator[str], most: int = 10_000) -> list[tuple[int, str]]:
    """Number and type of the events, as they come."""
    found: list[tuple[int, str]] = []
    number = 0
    for line in lines:
        name, _, text = line.partition(": ")
        if name == "id":
            number = int(text)
        elif name == "event":
            found.append((number, text))
        elif name == "data":
            assert msgspec.json.decode(text)["seq"] == number
            if len(found) == most:
                break
    return found


@contextmanager
def stream(api: httpx.Client, job_id: str, last: str = "") -> Iterator[Iterator[str]]:
    headers = STREAM | ({"Last-Event-ID": last} if last else {})
    with api.stream("GET", f"/api/v1/jobs/{job_id}/events", headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield answer.iter_lines()


def test_a_reader_sees_a_job_from_its_start_to_its_end(site: Site, api: httpx.Client) -> None:
    given = {"pause": 1}
    job = site.owner.launch(
        "apply-roles", {"roles": ["sleepy"], "hosts": ["web-1"], "extra_vars": given}
    )

    with stream(api, job.id) as lines:
        found = read(lines)

    assert [number for number, _ in found] == list(range(1, len(found) + 1))
    assert found[0] == (1, "job_queued")
    assert [kind for _, kind in found if kind == "job_ended"] == [found[-1][1]]
    events = api.get(f"/api/v1/jobs/{job.id}/events").json()["events"]
    assert found == [(event["seq"], event["type"]) for event in events]


def test_a_reader_that_was_cut_off_goes_on_after_what_it_had(site: Site, api: httpx.Client) -> None:
    job = site.run("apply-roles", {"roles": ["hello"], "hosts": ["web-1"]})
    with stream(api, job.id) as lines:
        begun = read(lines, most=3)
    with stream(api, job.id, last=str(begun[-1][0])) as lines:
        rest = read(lines)

    assert [number for number, _ in begun + rest] == list(range(1, job.seq + 1))


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "9" * 30, "²"])
def test_what_is_no_number_of_an_event_is_a_problem(api: httpx.Client, last: str) -> None:
    headers = httpx.Headers({**STREAM, "Last-Event-ID": last}, encoding="utf-8")

    answer = api.get(f"/api/v1/jobs/{NO_SUCH}/events", headers=headers)

    assert (answer.status_code, answer.json()["field"]) == (422, "Last-Event-ID")


def test_a_reader_without_leave_gets_no_stream(site: Site, api: httpx.Client) -> None:
    job = site.run("apply-roles", {"roles": ["hello"], "hosts": ["web-1"]})
    with site.plane.http(site.plane.token("stranger")) as stranger:
        answer = stranger.get(f"/api/v1/jobs/{job.id}/events", headers=STREAM)

    assert answer.status_code == 403
    assert api.get("/api/v1/jobs/none/events", headers=STREAM).status_code == 404


def test_many_idle_readers_do_not_keep_others_waiting(site: Site, api: httpx.Client) -> None:
    job = site.owner.launch("apply-roles", {"roles": ["sleepy"], "hosts": ["web-1"]})
    limits = httpx.Limits(max_connections=100)
    headers = dict(api.headers) | STREAM

    with (
        httpx.Client(base_url=site.plane.url, headers=headers, limits=limits) as many,
        ExitStack() as open_streams,
    ):
        for _ in range(60):
            path = f"/api/v1/jobs/{job.id}/events"
            answer = open_streams.enter_context(many.stream("GET", path))
            assert answer.status_code == 200
        assert httpx.get(f"{site.plane.url}/healthz", timeout=2).text == "ok\n"
        assert api.get("/api/v1/whoami", timeout=2).status_code == 200
