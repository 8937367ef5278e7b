"""What a check asks: tables of targets, and of those that say nothing that could be asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.errors import Mistake
from bootstrapper.fleet.checks.answers import judge
from bootstrapper.fleet.checks.questions import Connect, Execute, question
from bootstrapper.fleet.values import Check, Offer

OFFER = Offer(service="web", id="w1", address="10.0.0.7", port=8080)
SIX = Offer(service="web", id="w1", address="fd00::7", port=8080)


def http(target: str, offer: Offer = OFFER) -> Connect:
    found = question(Check(kind="http", target=target), offer)
    assert isinstance(found, Connect)
    return found


@pytest.mark.parametrize(
    ("offer", "target", "where", "first_line", "host", "tls"),
    [
        (OFFER, "/health", ("10.0.0.7", 8080), "GET /health HTTP/1.1", "10.0.0.7:8080", False),
        (OFFER, "health?a=1&b", ("10.0.0.7", 8080), "GET /health?a=1&b HTTP/1.1",
         "10.0.0.7:8080", False),
        (OFFER, "", ("10.0.0.7", 8080), "GET / HTTP/1.1", "10.0.0.7:8080", False),
        (SIX, "/", ("fd00::7", 8080), "GET / HTTP/1.1", "[fd00::7]:8080", False),
        (OFFER, "http://app.example/up", ("app.example", 80), "GET /up HTTP/1.1",
         "app.example", False),
        (OFFER, "https://[::1]:8443", ("::1", 8443), "GET / HTTP/1.1", "[::1]:8443", True),
        (OFFER, "/a b\r\nX: y", ("10.0.0.7", 8080), "GET /a%20bX:%20y HTTP/1.1",
         "10.0.0.7:8080", False),
        (OFFER, "/ä", ("10.0.0.7", 8080), "GET /%C3%A4 HTTP/1.1", "10.0.0.7:8080", False),
        (OFFER, "//x", ("10.0.0.7", 8080), "GET //x HTTP/1.1", "10.0.0.7:8080", False),
    ],
)  # fmt: skip
def test_http_asks_a_path_or_what_a_url_names(
    offer: Offer, target: str, where: tuple[str, int], first_line: str, host: str, tls: bool
) -> None:
    found = http(target, offer)
    assert ((found.host, found.port), found.tls) == (where, tls)
    lines = found.request.decode().split("\r\n")
    assert lines[0] == first_line
    assert f"Host: {host}" in lines
    assert lines[-2:] == ["", ""]


@pytest.mark.parametrize(
    ("offer", "target", "expected"),
    [
        (OFFER, "", ("10.0.0.7", 8080)),
        (OFFER, "9", ("10.0.0.7", 9)),
        (OFFER, ":9", ("10.0.0.7", 9)),
        (OFFER, "db.example:5432", ("db.example", 5432)),
        (SIX, "", ("fd00::7", 8080)),
        (SIX, "[::1]:22", ("::1", 22)),
    ],
)
def test_tcp_connects_to_the_service_or_elsewhere(
    offer: Offer, target: str, expected: tuple[str, int]
) -> None:
    found = question(Check(kind="tcp", target=target), offer)
    assert isinstance(found, Connect)
    assert (found.host, found.port, found.request) == (*expected, b"")


def test_a_command_hears_whom_it_is_about() -> None:
    found = question(Check(kind="command", target=("probe", "-v")), OFFER)
    assert isinstance(found, Execute)
    assert found.words == ("probe", "-v")
    assert dict(found.about) == {
        "BOOTSTRAPPER_SERVICE": "web", "BOOTSTRAPPER_ID": "w1",
        "BOOTSTRAPPER_ADDRESS": "10.0.0.7", "BOOTSTRAPPER_PORT": "8080",
    }  # fmt: skip


@pytest.mark.parametrize(
    "check",
    [
        Check(kind="tcp", target="host:http"),
        Check(kind="tcp", target="host:70000"),
        Check(kind="tcp", target="0"),
        Check(kind="http", target="ftp://host/"),
        Check(kind="http", target="http:///path"),
        Check(kind="http", target="http://host:x/"),
        Check(kind="http", target="http://hö.st/"),
        Check(kind="http", target=("curl", "x")),
        Check(kind="command", target="true"),
        Check(kind="command", target=()),
        Check(kind="command", target=("a\0b",)),
    ],
)
def test_what_cannot_be_asked_is_a_mistake(check: Check) -> None:
    with pytest.raises(Mistake):
        question(check, OFFER)


@given(st.text(), st.sampled_from(["http", "tcp"]))
def test_any_target_is_a_question_or_a_mistake(target: str, kind: str) -> None:
    check = Check(kind=kind, target=target)  # type: ignore[arg-type]
    try:
        found = question(check, OFFER)
    except Mistake:
        return
    assert isinstance(found, Connect)
    if kind == "http":
        assert found.request.count(b"\r\n") == 6, "nothing of a target becomes a line of its own"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\n", (True, "GET /: 200 OK")),
        (b"HTTP/1.0 204\r\n\r\n", (True, "GET /: 204")),
        (b"HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n", (True, "GET /: 302 Found")),
        (b"HTTP/1.1 399 \n", (True, "GET /: 399")),
        (b"HTTP/1.1 404 Not Found\r\n", (False, "GET /: 404 Not Found")),
        (b"HTTP/1.1 503 \x1b[31mred\r\n", (False, "GET /: 503 [31mred")),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n",
         (True, "GET /: 200 OK")),
        (b"HTTP/1.1 200 OK", None),
        (b"HTTP/1.1 100 Continue\r\n", None),
        (b"HT", None),
        (b"", None),
        (b"SSH-2.0-OpenSSH_9\r\n", (False, "GET /: the answer is not HTTP")),
        (b"HTTP/1.1 x\r\n", (False, "GET /: the answer is not HTTP")),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000, (False, "GET /: the answer is not HTTP")),
        (b"HTTP/1.1 2" + b"0" * 20_000, (False, "GET /: the answer is not HTTP")),
    ],
)  # fmt: skip
def test_a_status_is_the_answer(head: bytes, expected: tuple[bool, str] | None) -> None:
    found = judge("GET /", head)
    assert (found and (found.passed, found.why)) == expected


def test_an_end_without_a_status_is_a_failure() -> None:
    found = judge("GET /", b"HTTP/1.1 2", ended=True)
    assert found is not None
    assert (found.passed, found.why) == (False, "GET /: closed without an answer")


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_judged_or_waited_for(head: bytes, ended: bool) -> None:
    found = judge("x", head, ended=ended)
    assert found is not None or not ended
