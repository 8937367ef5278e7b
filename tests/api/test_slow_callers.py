"""Who begins a request and does not go on with it must not hold the server for ever."""

import socket
import time
from collections.abc import Iterator

import pytest

from support.control import ControlPlane, api_alone

LINE = b"POST /api/v1/actions/sync-content HTTP/1.1\r\nHost: x\r\n"
ALIVE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(autouse=True)
def tidy() -> None:
    """There is nothing to tidy: this control plane is the tests' own."""


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    with api_alone({"api": {"request_seconds": 0.5}}) as made:
        yield made


def answer(plane: ControlPlane, *sent: bytes) -> bytes:
    """What comes until the server hangs up; a piece is sent when the one before was answered."""
    with socket.create_connection(("127.0.0.1", plane.port), timeout=10) as line:
        for piece in sent[:-1]:
            line.sendall(piece)
            line.recv(4096)
        line.sendall(sent[-1])
        return b"".join(iter(lambda: line.recv(4096), b""))


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param((LINE + b"Content-Length: 10\r\n\r\n{",), id="half a body"),
        pytest.param((LINE,), id="half the headers"),
        pytest.param((b"",), id="nothing at all"),
        pytest.param((ALIVE, LINE), id="half of the second request"),
    ],
)
def test_a_request_that_does_not_end_is_given_up(
    plane: ControlPlane, sent: tuple[bytes, ...]
) -> None:
    began = time.monotonic()

    told = answer(plane, *sent)

    assert b"HTTP/1.1 408 " in told
    assert b"within 0.5 s" in told
    assert 0.4 < time.monotonic() - began < 5


def test_who_has_asked_may_be_answered_later(plane: ControlPlane) -> None:
    with plane.http() as client:
        job = client.post("/api/v1/actions/sync-content", json={}).json()["id"]

        answer = client.get(f"/api/v1/jobs/{job}?wait=1")

    assert (answer.status_code, answer.json()["state"]) == (200, "pending")
    assert answer.elapsed.total_seconds() > 0.9
