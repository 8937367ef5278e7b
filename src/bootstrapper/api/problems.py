"""Errors as RFC 9457 problem details."""

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

MEDIA = "application/problem+json"

_STATUS: tuple[tuple[type[Error], int, str], ...] = (
    (Unknown, 404, "Not found"),
    (Conflict, 409, "Conflict"),
    (Unidentified, 401, "Not identified"),
    (Denied, 403, "The policy says no"),
    (Mistake, 422, "The request cannot be done as it is"),
    (Unavailable, 503, "Try again later"),
    (Refused, 502, "A collaborator refused"),
)


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`field` names what to change; `rule` is the policy's rule that said no."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    field: str = ""
    rule: str = ""


def too_late(seconds: float) -> str:
    return f"the request did not come within {seconds:g} s"


def too_slow(seconds: float) -> bytes:
    """The whole problem, for a caller whose request has not come far enough to be routed."""
    problem = Problem(title="HTTP error", status=408, detail=too_late(seconds))
    return msgspec.json.encode(problem)


def problem_of(error: Error) -> tuple[Problem, dict[str, str]]:
    """The problem, and the headers that go with it."""
    for kind, status, title in _STATUS:
        if isinstance(error, kind):
            problem = Problem(
                title=title,
                status=status,
                detail=str(error),
                field=getattr(error, "field", ""),
                rule=getattr(error, "rule", ""),
            )
            return problem, _headers(status)
    return Problem(title="Failed", status=500, detail=str(error)), {}


def _headers(status: int) -> dict[str, str]:
    headers: dict[int, Any] = {
        401: {"WWW-Authenticate": 'Bearer, Basic realm="bootstrapper", charset="UTF-8"'},
        503: {"Retry-After": "2"},
    }
    return dict(headers.get(status, {}))
