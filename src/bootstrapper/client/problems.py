"""Problem details (RFC 9457) as the errors they stand for. Pure."""

from http import HTTPStatus
from typing import Any

import msgspec

from bootstrapper.errors import (
    Conflict,
    Denied,
    Error,
    Mistake,
    Refused,
    Unavailable,
    Unidentified,
    Unknown,
)

MISTAKES = {
    HTTPStatus.UNAUTHORIZED: Unidentified,
    HTTPStatus.NOT_FOUND: Unknown,
    HTTPStatus.CONFLICT: Conflict,
}
TRY_AGAIN = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}


def problem(status: int, body: bytes) -> Error:
    """Any body will do: a proxy in between may answer in words of its own."""
    told = _told(body)
    text = str(told.get("detail") or told.get("title") or f"the server answered {status}")
    field = str(told.get("field") or "")
    if status in TRY_AGAIN:
        return Unavailable(text)
    if status == HTTPStatus.FORBIDDEN:
        return Denied(text, rule=str(told.get("rule") or ""), field=field)
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        kind = MISTAKES.get(HTTPStatus(status), Mistake) if status in set(HTTPStatus) else Mistake
        return kind(text, field=field)
    return Refused(text)


def _told(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return {}
