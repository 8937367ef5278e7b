import pytest

from bootstrapper.client import Client
from bootstrapper.client.entries import messages, read_entry
from bootstrapper.client.problems import problem
from bootstrapper.errors import (
    Conflict,
    Denied,
    Error,
    Mistake,
    Refused,
    Unavailable,
    Unidentified,
    Unknown,
)
from bootstrapper.events import JobEnded, Said
from bootstrapper.jobs.states import State
from cli.scripted_api import JOB, JOB_ID, Api

LINES = [{"type": "said", "text": f"line {number}"} for number in range(1, 8)]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Mistake),
        (401, Unidentified),
        (403, Denied),
        (404, Unknown),
        (409, Conflict),
        (422, Mistake),
        (499, Mistake),
        (429, Unavailable),
        (503, Unavailable),
        (504, Unavailable),
        (500, Refused),
        (502, Refused),
        (302, Refused),
    ],
)
def test_a_status_says_what_the_caller_may_do(status: int, kind: type[Error]) -> None:
    error = problem(status, b'{"title": "T", "detail": "why", "field": "hosts[0]", "rule": "r"}')

    assert type(error) is kind
    assert str(error) == "why"


def test_a_problem_keeps_its_field_and_rule() -> None:
    error = problem(403, b'{"detail": "no", "field": "env", "rule": "prod"}')

    assert isinstance(error, Denied)
    assert (error.field, error.rule) == ("env", "prod")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"\xff", b'{"detail": null}'])
def test_a_proxys_own_words_are_no_reason_to_fail(body: bytes) -> None:
    assert str(problem(503, body)) == "the server answered 503"


def test_a_launch_sends_its_options_and_a_key(api: Api) -> None:
    api.launches()
    client = Client(api.url, "bst_1")

    job = client.launch("apply-roles", {"roles": ["a"]}, wait=5, locks=("x", "y"), timeout=9.0)

    assert (job.id, job.state) == (JOB_ID, State.PENDING)
    assert api.last.query == {"wait": ["5"], "timeout": ["9.0"], "lock": ["x", "y"]}
    assert api.last.body == {"roles": ["a"]}
    assert api.last.headers["Authorization"] == "Bearer bst_1"
    assert api.last.headers["Idempotency-Key"]


def test_names_are_escaped_in_a_path(api: Api) -> None:
    api.answers["DELETE /locks/name:a%2Fb%20c"] = 200, {}

    Client(api.url).unlock("name:a/b c")

    assert api.last.path == "/locks/name:a%2Fb%20c"


def test_what_was_left_empty_is_not_sent(api: Api) -> None:
    api.answers["PUT /locks/env:prod"] = 200, {}

    Client(api.url).lock("env:prod", "moving house")

    assert api.last.body == {"reason": "moving house"}


def test_nobody_at_home_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="refused"):
        Client("http://127.0.0.1:1").whoami()


def test_nonsense_is_refused(api: Api) -> None:
    api.answers["GET /whoami"] = 200, b"<html>login here</html>"

    with pytest.raises(Refused, match="cannot read"):
        Client(api.url).whoami()


@pytest.mark.parametrize("url", ["ftp://x", "127.0.0.1:8410", "", "http://"])
def test_a_url_must_be_one(url: str) -> None:
    with pytest.raises(Mistake, match="URL"):
        Client(url)


def test_a_token_must_be_one_line() -> None:
    with pytest.raises(Mistake, match="one line"):
        Client("http://127.0.0.1:1", "a\nb")


@pytest.mark.parametrize("cuts", [[], [0], [3], [3, 0, 2], [1] * 7], ids=str)
def test_a_cut_stream_is_resumed_without_a_gap_or_a_double(api: Api, cuts: list[int]) -> None:
    api.launches(*LINES)
    api.cuts = list(cuts)
    losses: list[Unavailable] = []

    entries = list(Client(api.url).follow(JOB_ID, on_loss=losses.append))

    assert [entry.seq for entry in entries] == list(range(1, 9))
    assert isinstance(entries[-1].event, JobEnded)
    assert len(api.streams()) == len(cuts) + 1
    assert bool(losses) == bool(cuts)


def test_following_begins_after_the_given_number(api: Api) -> None:
    api.launches(*LINES)

    assert [entry.seq for entry in Client(api.url).follow(JOB_ID, after=6)] == [7, 8]


def test_following_a_job_whose_end_was_read_ends(api: Api) -> None:
    api.launches(*LINES)

    assert list(Client(api.url).follow(JOB_ID, after=8)) == []


def test_patience_ends(api: Api) -> None:
    with pytest.raises(Unavailable):
        list(Client("http://127.0.0.1:1").follow(JOB_ID, patience=0.3))


def test_following_nothing_is_unknown(api: Api) -> None:
    api.answers["GET /jobs/none"] = 404, {"detail": "no such job"}

    with pytest.raises(Unknown):
        list(Client(api.url).follow("none"))


def test_events_are_read_page_by_page(api: Api) -> None:
    api.launches(*LINES)
    api.answers[f"GET /jobs/{JOB_ID}/events"] = 200, {"events": api.journal, "state": "successful"}

    assert [entry.seq for entry in Client(api.url).events(JOB_ID)] == list(range(1, 9))


def test_an_event_of_a_newer_server_is_named() -> None:
    entry = read_entry(b'{"seq": 3, "at": "2026-01-05T12:00:00Z", "type": "moon_rose"}')

    assert entry.event == Said(text="(moon_rose)")


@pytest.mark.parametrize(
    ("lines", "data"),
    [
        ([b"data: a\n", b"\n"], [b"a"]),
        ([b"id: 1\n", b"event: x\n", b"data: a\n", b"\n", b"data:b\r\n", b"\r\n"], [b"a", b"b"]),
        ([b"data: a\n", b"data: b\n", b"\n"], [b"a\nb"]),
        ([b": quiet\n", b"\n", b"retry: 1\n", b"\n"], []),
        ([b"data: a\n", b"\n", b"data: cut of"], [b"a"]),
        ([b"data: a\n"], []),
    ],
)
def test_messages(lines: list[bytes], data: list[bytes]) -> None:
    assert list(messages(lines)) == data


def test_unknown_fields_are_left_aside(api: Api) -> None:
    api.answers["GET /jobs/x"] = 200, JOB | {"mood": "fine"}

    assert Client(api.url).job("x").id == JOB_ID
