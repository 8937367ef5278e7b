"""Slack's errors as ours."""

import http.client
import urllib.error
from email.message import Message as Headers

import pytest
from slack_sdk.errors import SlackRequestError

from bootstrapper.chat.busy import Busy, SlackRefused
from bootstrapper.chat.slack.answers import RATE_LIMIT_SECONDS, answered, judge, word_of
from bootstrapper.errors import Error, Refused, Unavailable


@pytest.mark.parametrize(
    ("status", "word", "kind"),
    [
        (429, "ratelimited", Busy),
        (429, "", Busy),
        (200, "ratelimited", Busy),
        (200, "internal_error", Unavailable),
        (200, "service_unavailable", Unavailable),
        (500, "channel_not_found", Unavailable),
        (502, "", Unavailable),
        (200, "", Unavailable),
        (200, "Received a response in a non-JSON format: <html>", Unavailable),
        (200, "channel_not_found", SlackRefused),
        (200, "msg_too_long", SlackRefused),
        (404, "expired_url", SlackRefused),
        (404, "", SlackRefused),
        (403, "invalid_token", SlackRefused),
    ],
)
def test_not_now_and_never(status: int, word: str, kind: type[Error]) -> None:
    assert type(judge("chat.postMessage", status, {}, word)) is kind


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"Retry-After": "-1"}, 0.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, RATE_LIMIT_SECONDS),
        ({}, RATE_LIMIT_SECONDS),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], seconds: float) -> None:
    busy = judge("chat.update", 429, headers, "ratelimited")

    assert isinstance(busy, Busy)
    assert busy.seconds == seconds


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ('{"ok": false, "error": "used_url"}', "used_url"),
        ("no_text", "no_text"),
        ("", ""),
        ("[]", ""),
    ],
)
def test_the_word_of_a_plain_answer(body: str, word: str) -> None:
    assert word_of(body) == word


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (urllib.error.URLError("refused"), Unavailable),
        (TimeoutError("slow"), Unavailable),
        (ConnectionResetError(), Unavailable),
        (http.client.IncompleteRead(b""), Unavailable),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), Unavailable),
        (urllib.error.HTTPError("u", 503, "no", Headers(), None), Unavailable),
        (urllib.error.HTTPError("u", 429, "no", Headers(), None), Busy),
        (urllib.error.HTTPError("u", 404, "no", Headers(), None), SlackRefused),
        (SlackRequestError("bad"), Refused),
    ],
)
def test_what_the_library_raises(raised: Exception, kind: type[Error]) -> None:
    with pytest.raises(kind) as caught, answered("chat.postMessage"):
        raise raised

    assert type(caught.value) is kind
    assert caught.value.__cause__ is raised
