"""Socket Mode: envelopes over WebSockets that the app opened, and its acknowledgements.

https://docs.slack.dev/apis/events-api/using-socket-mode/
"""

import asyncio
import itertools
import json
import threading
import uuid
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from support.slack.delivery import EVENTS, Delivery, Sending, now
from support.slack.values import APP_ID, Json

LINGER = 0.5  # seconds that a connection stays open after it was told to go
CLOSED = 1000
MOST = 10  # connections of one app


class Link:
    """One connection. `leaving`: it was told to go, and gets nothing new."""

    def __init__(self, number: int, socket: WebSocket, loop: asyncio.AbstractEventLoop) -> None:
        self.number = number
        self.socket = socket
        self.loop = loop
        self.leaving = False

    def send(self, body: Json) -> None:
        """From any thread."""
        if self.loop.is_closed():
            raise RuntimeError("the server is gone")
        asyncio.run_coroutine_threadsafe(self.socket.send_json(body), self.loop).result(5)

    def close(self) -> None:
        if self.loop.is_closed():
            return
        with suppress(Exception):  # it may be gone
            asyncio.run_coroutine_threadsafe(self.socket.close(CLOSED), self.loop).result(5)


class Waiting:
    """An envelope that is out."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.over = threading.Event()
        self.acked = 0.0
        self.answer: Json = {}


class Sockets:
    """`opened`: how many connections there have been; `acks`: all that the app sent."""

    def __init__(self) -> None:
        self.links: list[Link] = []
        self.opened = 0
        self.acks: list[Json] = []
        self._out: dict[str, Waiting] = {}
        self._turn = itertools.count()
        self._lock = threading.Lock()

    # The app's side

    async def serve(self, socket: WebSocket) -> None:
        await socket.accept()
        with self._lock:
            self.opened += 1
            link = Link(self.opened, socket, asyncio.get_running_loop())
            count = len(self.links) + 1
        if count > MOST:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close(CLOSED)
            return
        await socket.send_json({
            "type": "hello", "num_connections": count,
            "connection_info": {"app_id": APP_ID},
            "debug_info": {"host": "tests", "build_number": 1,
                           "approximate_connection_time": 18060}})  # fmt: skip
        with self._lock:
            self.links.append(link)
        try:
            while True:
                self._heard(json.loads(await socket.receive_text()))
        except (WebSocketDisconnect, RuntimeError, ValueError):
            pass
        finally:
            self._left(link)

    def _heard(self, ack: Json) -> None:
        self.acks.append(ack)
        if waiting := self._out.get(str(ack.get("envelope_id", ""))):
            waiting.acked, waiting.answer = now(), ack.get("payload") or {}
            waiting.over.set()

    def _left(self, link: Link) -> None:
        with self._lock:
            if link in self.links:
                self.links.remove(link)
            out = [waiting for waiting in self._out.values() if waiting.link is link]
        for waiting in out:
            waiting.over.set()

    # Slack's side

    def send(self, delivery: Delivery, attempt: int, reason: str, within: float) -> Sending:
        sent = now()
        if (link := self._next()) is None:
            return Sending(sent, fault="no_connection")
        envelope = self._envelope(delivery, attempt, reason)
        waiting = self._out[envelope["envelope_id"]] = Waiting(link)
        try:
            link.send(envelope)
            delivery.began.set()
            waiting.over.wait(within)
        except (RuntimeError, TimeoutError, WebSocketDisconnect):
            return Sending(sent, fault="connection_failed")
        finally:
            del self._out[envelope["envelope_id"]]
        return Sending(sent, waiting.acked, waiting.answer, "" if waiting.acked else "timeout")

    def disconnect(self, reason: str, link: Link | None = None, linger: float = LINGER) -> None:
        """Tell a connection (or all) to go; it is closed a moment later. A `warning` only warns."""
        for one in [link] if link else list(self.links):
            one.leaving = reason != "warning"
            one.send({"type": "disconnect", "reason": reason, "debug_info": {"host": "tests"}})
            if one.leaving:
                timer = threading.Timer(linger, one.close)
                timer.daemon = True
                timer.start()

    def drop(self) -> None:
        """All connections end without a word before."""
        for link in list(self.links):
            link.close()

    def _next(self) -> Link | None:
        with self._lock:
            free = [link for link in self.links if not link.leaving]
            return free[next(self._turn) % len(free)] if free else None

    def _envelope(self, delivery: Delivery, attempt: int, reason: str) -> Json:
        made: Json = {"envelope_id": str(uuid.uuid4()), "type": delivery.kind,
                      "payload": delivery.payload,
                      "accepts_response_payload": delivery.kind != EVENTS}  # fmt: skip
        if delivery.kind == EVENTS:
            made |= {"retry_attempt": attempt, "retry_reason": reason}
        return made
