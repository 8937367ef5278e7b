"""A receiver of webhooks: a real HTTP server that checks each signature, and may be in a mood."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from support.http_server import Answer, HttpServer, Request

KEY = b"a key of the tests, 32 bytes long"
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"


class Hook:
    """`got`: id → payload of what was signed rightly; `tries`: the ids in the order they came.

    `answers`: how the next requests are answered; 200 when there are none left.
    """

    def __init__(self) -> None:
        self.got: dict[str, dict[str, Any]] = {}
        self.tries: list[str] = []
        self.answers: list[Answer] = []
        self.before_answer: Callable[[], None] = lambda: None
        self.server = HttpServer(self._answer)

    @property
    def url(self) -> str:
        return f"{self.server.url}/hook"

    def opened(self) -> list[str]:
        """The subjects that were told, in order, doubles left out."""
        return [each["subject"] for payload in self.got.values() for each in payload["opened"]]

    def ended(self) -> list[str]:
        return [each["subject"] for payload in self.got.values() for each in payload["ended"]]

    def _answer(self, request: Request) -> Answer:
        headers = {name.lower(): value for name, value in request.headers.items()}
        if not verified(headers, request.body):
            return Answer(401)
        self.tries.append(headers["webhook-id"])
        self.before_answer()
        if self.answers:
            return self.answers.pop(0)
        self.got.setdefault(headers["webhook-id"], msgspec.json.decode(request.body))
        return Answer(200, {})


def verified(headers: Mapping[str, str], body: bytes) -> bool:
    said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = base64.b64encode(hmac.new(KEY, said, hashlib.sha256).digest()).decode()
    return f"v1,{mac}" in headers.get("webhook-signature", "").split(" ")
