"""HTTP mode: signed requests to the app's URL.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import httpx

from support.slack.delivery import EVENTS, SLASH, Delivery, Sending, now
from support.slack.values import Json

SECRET = "a-signing-secret-of-the-tests"


class Signed:
    """`wrong`: signatures are of another secret. `age`: seconds that the timestamps are old."""

    def __init__(self, url: str, secret: str = SECRET) -> None:
        self.url = url
        self.secret = secret
        self.wrong = False
        self.age = 0.0
        self.answers: list[httpx.Response] = []

    def send(self, delivery: Delivery, attempt: int, reason: str, within: float) -> Sending:
        sent = now()
        headers = {}
        if attempt:
            headers = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        delivery.began.set()
        try:
            answer = self.post(*body_of(delivery), headers=headers, within=within)
        except httpx.TimeoutException:
            return Sending(sent, fault="http_timeout")
        except httpx.HTTPError:
            return Sending(sent, fault="connection_failed")
        if answer.status_code != 200:
            return Sending(sent, fault="http_error")
        return Sending(sent, now(), _read(answer))

    def post(
        self, body: bytes, kind: str, headers: dict[str, str] | None = None, within: float = 3.0
    ) -> httpx.Response:
        stamp = str(int(time.time() - self.age))
        signed = {"X-Slack-Request-Timestamp": stamp,
                  "X-Slack-Signature": self.sign(stamp, body), "Content-Type": kind}  # fmt: skip
        answer = httpx.post(self.url, content=body, headers={**signed, **(headers or {})},
                            timeout=within)  # fmt: skip
        self.answers.append(answer)
        return answer

    def sign(self, stamp: str, body: bytes) -> str:
        secret = "another" if self.wrong else self.secret
        base = b"v0:" + stamp.encode() + b":" + body
        return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()

    def verify_url(self, challenge: str = "a challenge") -> str:
        """What Slack does when the URL is entered: the app has to say the challenge back."""
        body = {"type": "url_verification", "token": "old", "challenge": challenge}
        answer = self.post(json.dumps(body).encode(), "application/json")
        told = _read(answer)
        return str(told.get("challenge", answer.text))


def body_of(delivery: Delivery) -> tuple[bytes, str]:
    if delivery.kind == EVENTS:
        return json.dumps(delivery.payload).encode(), "application/json"
    fields = delivery.payload
    if delivery.kind != SLASH:
        fields = {"payload": json.dumps(fields)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def _read(answer: httpx.Response) -> Json:
    try:
        told = answer.json()
    except ValueError:
        return {"text": answer.text} if answer.text.strip() else {}
    return told if isinstance(told, dict) else {}
