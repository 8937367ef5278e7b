"""Every error this program raises on purpose.

Error
├── Mistake       the caller must change something (bad config, unknown playbook): exit 2, HTTP 422
│   ├── Unknown       no such thing: HTTP 404
│   ├── Conflict      not in this state, or said otherwise before: HTTP 409
│   ├── Unidentified  nobody we know: HTTP 401
│   └── Denied        the policy says no, and its verdict says why: HTTP 403
├── Unavailable   a collaborator is down or slow: retry later: exit 75, HTTP 503
└── Refused       a collaborator said no for good: do not retry: HTTP 502

Adapters translate: no redis, rq, httpx or ansible exception crosses a room's door.
"""

from typing import ClassVar


class Error(Exception):
    exit_code: ClassVar[int] = 1


class Mistake(Error):
    """`field` names what to change, as the caller wrote it: `hosts[1]`, `extra_vars.port`."""

    exit_code = 2

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class Unknown(Mistake):
    pass


class Conflict(Mistake):
    pass


class Unidentified(Mistake):
    pass


class Denied(Mistake):
    """`rule` is the name of the rule that said no ("" when none matched)."""

    def __init__(self, message: str, *, rule: str = "", field: str = "") -> None:
        super().__init__(message, field=field)
        self.rule = rule


class Unavailable(Error):
    exit_code = 75  # EX_TEMPFAIL


class Refused(Error):
    pass
