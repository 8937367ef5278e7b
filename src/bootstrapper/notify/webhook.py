"""Messages as JSON to a URL, signed."""

import logging
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import msgspec
import urllib3

from bootstrapper.clock import to_text, utc_now
from bootstrapper.errors import Mistake, Refused, Unavailable
from bootstrapper.notify.group import Sending
from bootstrapper.notify.notice import Notice
from bootstrapper.notify.receiver import TIMEOUT, Later
from bootstrapper.notify.signing import signed_headers
from bootstrapper.notify.wording import text_of, title_of
from bootstrapper.secret import read_secret_value
from bootstrapper.settings.notify import NotifyReceiver

LATER = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
MOST = 3600.0
"""Seconds that a Retry-After may ask for."""
logging.getLogger("urllib3").setLevel(logging.ERROR)  # its words have the URL, which may be secret


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """What a webhook gets. `timestamp`: RFC 3339; `more`: type → notices that are only counted."""

    id: str
    type: str
    timestamp: str
    receiver: str
    rule: str
    why: str
    severity: str
    title: str
    text: str
    labels: dict[str, str]
    opened: tuple[Notice, ...]
    ended: tuple[Notice, ...]
    more: dict[str, int]


class Webhook:
    """Follows no redirect: a message goes to the URL that was set, or nowhere. Of an answer the
    status counts: its body is not read, however long it is.
    """

    def __init__(self, receiver: NotifyReceiver) -> None:
        self._receiver = receiver
        self._pool = urllib3.PoolManager(
            retries=False, timeout=urllib3.Timeout(connect=TIMEOUT / 2, read=TIMEOUT), maxsize=1
        )

    def send(self, sending: Sending) -> None:
        name, secret = self._receiver.name, self._receiver.secret
        place = f"notify.receivers {name}: secret"
        key = read_secret_value(place, secret) if secret else ""
        if secret and not key:
            raise Mistake(f"{place} is empty: what it was to sign is not sent")
        body = msgspec.json.encode(payload_of(sending))
        headers = signed_headers(key, sending.id, int(time.time()), body)
        headers |= {"Content-Type": "application/json", "User-Agent": "bootstrapper"}
        try:
            answer = self._pool.request(
                "POST", self._receiver.webhook, body=body, headers=headers, redirect=False,
                preload_content=False,
            )  # fmt: skip
            answer.close()
        except urllib3.exceptions.LocationParseError as error:
            raise Refused("the URL of the webhook cannot be read") from error
        except urllib3.exceptions.HTTPError as error:  # its text has the URL, which may be secret
            raise Unavailable(f"the webhook does not answer ({type(error).__name__})") from error
        judge(answer.status, answer.headers)


def payload_of(sending: Sending) -> Payload:
    return Payload(
        id=sending.id, type="notices", timestamp=to_text(utc_now()), receiver=sending.receiver,
        rule=sending.rule, why=sending.why.value, severity=sending.severity,
        title=title_of(sending), text=text_of(sending), labels=dict(sending.labels),
        opened=sending.opened, ended=tuple(each.notice for each in sending.ended),
        more=sending.more,
    )  # fmt: skip


def judge(status: int, headers: Mapping[str, str]) -> None:
    """Nothing, when it was taken."""
    if 200 <= status < 300:  # noqa: PLR2004
        return
    said = f"the webhook answers {status}"
    if status in LATER and (seconds := _seconds(headers.get("Retry-After", ""))):
        raise Later(said, seconds)
    if status >= 500 or status in (*LATER, HTTPStatus.REQUEST_TIMEOUT):  # noqa: PLR2004
        raise Unavailable(said)
    raise Refused(said)


def _seconds(text: str) -> float:
    """Of a Retry-After: a number or a date. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after"""
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), MOST)
    try:
        return min(max((parsedate_to_datetime(text) - utc_now()).total_seconds(), 0.0), MOST)
    except (TypeError, ValueError):  # no date, or one without a zone
        return 0.0
