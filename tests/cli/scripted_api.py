"""A small real HTTP server that follows the API's contract, as far as a test tells it to.

It may cut a stream in the middle of a message, which is what networks do.
"""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

JOB_ID = "0199a1b2-0000-7000-8000-00000000c0de"
JOB: dict[str, Any] = {
    "id": JOB_ID, "action": "apply-roles", "state": "pending", "hosts": ["web-1", "web-2"],
    "request": {"roles": ["nginx"], "hosts": ["web-1", "web-2"]}, "actor": "user:alice",
    "rule": "ops", "created": "2026-01-05T12:00:00.000Z",
}  # fmt: skip


@dataclass(frozen=True)
class Heard:
    """A request as it came in."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Any


@dataclass
class Api:
    """`answers`: `"GET /jobs"` → status and body. `journal`: what the stream of JOB_ID tells.

    `cuts`: how many entries each connection to the stream gets before it breaks; then no more do.
    """

    url: str = ""
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    journal: list[dict[str, Any]] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    hold: threading.Event = field(default_factory=threading.Event)
    """Set: the stream does not wait before the job's end."""

    def launches(self, *events: dict[str, Any], state: str = "successful") -> None:
        """Let every launch start JOB, whose journal is these events and the end in `state`."""
        told = [*events, {"type": "job_ended", "state": state, "reason": ""}]
        self.journal = [
            {"seq": number, "at": f"2026-01-05T12:00:{number:02}.000Z", **each}
            for number, each in enumerate(told, 1)
        ]
        self.answers[f"GET /jobs/{JOB_ID}"] = 200, JOB | {"state": state, "seq": len(told)}
        for action in ("apply-roles", "run-module", "sync-content"):
            self.answers[f"POST /actions/{action}"] = 202, JOB

    @property
    def last(self) -> Heard:
        return self.heard[-1]

    def streams(self) -> list[str]:
        """The Last-Event-ID of each connection to the stream."""
        return [h.headers["Last-Event-ID"] for h in self.heard if "Last-Event-ID" in h.headers]


def handler_of(api: Api) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

        def _answer(self) -> None:
            heard = self._hear()
            api.heard.append(heard)
            if heard.headers.get("Accept") == "text/event-stream":
                self._stream(int(heard.headers["Last-Event-ID"]))
                return
            known = (404, {"title": "Not found", "detail": f"no {heard.path}"})
            status, body = api.answers.get(f"{heard.method} {heard.path}", known)
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = _answer

        def _hear(self) -> Heard:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            return Heard(
                self.command,
                parts.path.removeprefix("/api/v1"),
                parse_qs(parts.query),
                dict(self.headers),
                json.loads(body) if body else None,
            )

        def _stream(self, after: int) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(b"retry: 1000\n\n: quiet\n\n")
            left = api.cuts.pop(0) if api.cuts else None
            for entry in api.journal[after:]:
                if left == 0:
                    self.wfile.write(b'id: 99\ndata: {"seq": 99, "at')
                    return
                left = None if left is None else left - 1
                if entry["type"] == "job_ended":
                    api.hold.wait(20)
                text = f"id: {entry['seq']}\nevent: {entry['type']}\ndata: {json.dumps(entry)}\n\n"
                self.wfile.write(text.encode())
                self.wfile.flush()

    return Handler
