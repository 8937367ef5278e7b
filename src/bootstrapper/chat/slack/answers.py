"""Slack's errors, translated at the door: not now, away, or no.

https://docs.slack.dev/apis/web-api/#slack-web-api__evaluating-responses__errors
"""

import http.client
import urllib.error
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec
from slack_sdk.errors import SlackApiError, SlackClientError

from bootstrapper.chat.busy import Busy, SlackRefused
from bootstrapper.errors import Error, Refused, Unavailable

LONGEST_WORD = 80
RATE_LIMIT_SECONDS = 30.0  # where Slack names none; the slowest tier is about one call a minute
TOO_MANY, SERVER_ERROR, OK = 429, 500, 200
LATER = frozenset(
    {
        "fatal_error",
        "internal_error",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
        "timeout",
    }
)


@contextmanager
def answered(method: str) -> Iterator[None]:
    """Raise Busy, Unavailable or SlackRefused where the library raises its own."""
    try:
        yield
    except SlackApiError as error:
        response = error.response
        raise judge(
            method, response.status_code, response.headers, said_word(response.data)
        ) from error
    except urllib.error.HTTPError as error:
        raise judge(method, error.code, dict(error.headers), f"status_{error.code}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unavailable(f"Slack cannot be reached for {method}: {error}") from error
    except SlackClientError as error:
        raise Refused(f"{method}: {type(error).__name__}") from error


def said_word(data: Any) -> str:
    return str(data.get("error", "")) if isinstance(data, Mapping) else ""


def word_of(body: str) -> str:
    """Of an answer that is not the Web API's: JSON, or the word alone."""
    try:
        return said_word(msgspec.json.decode(body))
    except msgspec.DecodeError:
        return body.strip()[:LONGEST_WORD]


def judge(method: str, status: int, headers: Mapping[str, Any], word: str) -> Error:
    if status == TOO_MANY or word in ("ratelimited", "rate_limited"):
        seconds = wait_seconds(headers)
        return Busy(f"Slack asks to wait {seconds:g} s with {method}", seconds=seconds)
    if status >= SERVER_ERROR or word in LATER:
        return Unavailable(f"Slack cannot do {method} now: {word or status}")
    if status == OK and not word.replace("_", "").isalnum():  # a page of something in between
        return Unavailable(f"{method} was not answered by Slack")
    return SlackRefused(f"Slack refuses {method}: {word or status}", word=word)


def wait_seconds(headers: Mapping[str, Any]) -> float:
    for name, value in headers.items():
        if name.lower() == "retry-after":
            try:
                return max(0.0, float(value))
            except ValueError:
                break
    return RATE_LIMIT_SECONDS
