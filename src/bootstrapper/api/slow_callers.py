"""uvicorn's HTTP protocol with an end to waiting for a request's head.

uvicorn alone waits for ever for the headers of a connection's first request, and for the rest of
headers that have begun to come. The body's time is kept where it is read (`app`).
"""

from asyncio import TimerHandle, Transport
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from bootstrapper.api.problems import MEDIA, too_slow


class InTime(H11Protocol):
    """`seconds` that a caller has to send the head of a request."""

    seconds = 30.0
    _head: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._look()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop()

    def _look(self) -> None:
        if not _waits(self.conn):
            self._stop()
        elif self._head is None and not self.transport.is_closing():
            self._head = self.loop.call_later(self.seconds, self._give_up)

    def _stop(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _give_up(self) -> None:
        self._head = None
        if not self.transport.is_closing() and _waits(self.conn):
            if self.conn.our_state is h11.IDLE:
                self.transport.write(_answer(self.seconds))
            self.transport.close()


def protocol(limit: float) -> type[H11Protocol]:
    """For uvicorn's `http`."""

    class Limited(InTime):
        seconds = limit

    return Limited


def _waits(conn: Any) -> bool:
    """For a head; or for the rest of a body that was answered without being read."""
    answered = conn.our_state is h11.DONE and conn.their_state is h11.SEND_BODY
    return conn.their_state is h11.IDLE or answered


def _answer(seconds: float) -> bytes:
    body = too_slow(seconds)
    head = (
        f"HTTP/1.1 408 Request Timeout\r\nContent-Type: {MEDIA}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
