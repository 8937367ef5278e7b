"""Something that is no Docker answers at its address: the watch goes on, and so does the rest."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from bootstrapper.errors import Unavailable
from bootstrapper.fleet.docker.engine import Engine

DEEP = b"[" * 200_000
HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"


@contextmanager
def saying(words: bytes, again: bytes = b"") -> Iterator[Engine]:
    """`again` is said until nobody listens to events."""

    def answer() -> None:
        while True:
            try:
                link, _ = server.accept()
            except OSError:
                return
            with link, suppress(OSError):
                link.settimeout(5)
                asked = link.recv(65536)
                link.sendall(words)
                while again and b"/events" in asked:
                    link.sendall(again)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield Engine(f"tcp://127.0.0.1:{server.getsockname()[1]}", timeout=2.0)
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)


@pytest.mark.parametrize(
    "words",
    [
        HEAD + b'[{"Id": "a", "Other": ' + DEEP,
        HEAD + b"{}",
        HEAD + b"\xff\xfe",
        b"HTTP/1.1 200 " + b"x" * 100_000,
        HEAD[:-2] + b"X: y\r\n" * 1000 + b"\r\n[]",
        b"SSH-2.0-OpenSSH\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_list_of_containers_is_no_answer(words: bytes) -> None:
    with saying(words) as engine, pytest.raises(Unavailable):
        engine.containers()


def test_an_event_that_never_ends_is_none() -> None:
    with saying(HEAD, again=b"x" * 65536) as engine:
        events = engine.events()
        with pytest.raises(Unavailable):
            list(events)
        events.release()


def test_a_deep_event_is_none() -> None:
    with saying(HEAD + b'{"Other": ' + DEEP + b"]" * 200_000 + b"}\n") as engine:
        events = engine.events()
        with pytest.raises(Unavailable):
            list(events)
        events.release()
