"""What the API answers about jobs, as frozen values.

Unknown fields are left aside: a server may be newer.
"""

from typing import Any

from msgspec import Struct

from bootstrapper.events import Counts
from bootstrapper.jobs.states import FINAL, State


class JobApprovals(Struct, frozen=True, kw_only=True):
    """Who has said yes so far (`by`), of the `count` of `group` that must, until `expires`."""

    count: int
    group: str
    expires: str = ""
    digest: str = ""
    by: tuple[str, ...] = ()


class Job(Struct, frozen=True, kw_only=True):
    """Times are RFC 3339 in UTC, and "" for what has not happened."""

    id: str
    action: str
    state: State
    request: dict[str, Any] = {}
    reason: str = ""
    actor: str = ""
    via: str = ""
    risk: str = ""
    rule: str = ""
    env: str = ""
    hosts: tuple[str, ...] = ()
    commit: str = ""
    priority: str = "normal"
    not_before: str | None = ""
    created: str = ""
    updated: str | None = ""
    started: str | None = ""
    finished: str | None = ""
    attempt: int = 0
    worker: str | None = ""
    waits_for: str | None = ""
    cancel_by: str | None = ""
    approvals: JobApprovals | None = None
    stats: dict[str, Counts] = {}
    rerun_of: str | None = ""
    schedule: str | None = ""
    serial: int = 0
    canary: int = 0
    seq: int = 0

    @property
    def final(self) -> bool:
        return self.state in FINAL


class JobPage(Struct, frozen=True, kw_only=True):
    jobs: tuple[Job, ...]
    next: str | None = None


class Verdict(Struct, frozen=True, kw_only=True):
    effect: str
    rule: str = ""
    reason: str = ""
    text: str = ""


class Step(Struct, frozen=True, kw_only=True):
    """A rule that was looked at, and why it did or did not decide."""

    rule: str
    matched: bool
    because: str = ""


class Explanation(Verdict, frozen=True, kw_only=True):
    trace: tuple[Step, ...] = ()


class PlanApprovals(Struct, frozen=True, kw_only=True):
    count: int
    group: str
    expires_in: float = 0.0  # seconds


class Plan(Struct, frozen=True, kw_only=True):
    """What a launch would do, and what the policy says to it."""

    action: str
    verdict: Verdict
    request: dict[str, Any] = {}
    risk: str = ""
    env: str = ""
    hosts: tuple[str, ...] = ()
    count: int = 0
    locks: tuple[str, ...] = ()
    commit: str = ""
    serial: int = 0
    canary: int = 0
    approvals: PlanApprovals | None = None
    digest: str = ""


class ActionInfo(Struct, frozen=True, kw_only=True):
    name: str
    command: str = ""
    summary: str = ""
    risk: str = ""
    repeatable: bool = False
    schema: dict[str, Any] = {}
    example: dict[str, Any] = {}


class Artifact(Struct, frozen=True, kw_only=True):
    name: str
    size: int
