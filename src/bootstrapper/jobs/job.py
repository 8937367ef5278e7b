"""A job as a value: what was asked, by whom, under which plan, and how far it came."""

from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from bootstrapper.events import Counts
from bootstrapper.jobs.states import FINAL, State


class Priority(StrEnum):
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


Mode = Literal["x", "s"]
REPORTED = "callback"
"""What a job came by that no worker of ours runs: somebody's own Ansible tells us of it."""


class Lock(msgspec.Struct, frozen=True, order=True):
    """`host:10.0.0.5`, `env:prod` or `name:migration`; `x` excludes everybody, `s` only `x`."""

    resource: str
    mode: Mode = "x"


Timeout = Annotated[float, Meta(ge=0, le=604_800)]
Retries = Annotated[int, Meta(ge=0, le=10)]
ONE_LINE = r"^[^\x00-\x1f\x7f]+(?!\n)$"
"""No control character, and no line break at the end either, where Python's `$` would match."""
LockName = Annotated[str, Meta(min_length=1, max_length=200, pattern=ONE_LINE)]


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a job is run, whatever its action. Times are RFC 3339; durations seconds."""

    priority: Priority = Priority.NORMAL
    not_before: str = ""
    timeout: Timeout = 0.0  # 0: as the settings say
    retries: Retries = 0
    locks: tuple[LockName, ...] = ()


class Approvals(msgspec.Struct, frozen=True, kw_only=True):
    """`count` of `group` must say yes to `digest` before `expires` (RFC 3339)."""

    count: int
    group: str
    expires: str
    digest: str


class Spec(msgspec.Struct, frozen=True, kw_only=True):
    """What does not change once the job is accepted, but for the approvals that a policy that has
    changed meanwhile asks for, and its rule."""

    id: str
    action: str
    request: dict[str, Any]
    actor: str
    via: str
    rule: str
    risk: str
    created: str
    channel: str = ""
    env: str = ""
    hosts: tuple[str, ...] = ()
    commit: str = ""
    serial: int = 0
    canary: int = 0
    locks: tuple[Lock, ...] = ()
    batch: str = ""
    options: Options = Options()
    repeatable: bool = False
    approvals: Approvals | None = None
    rerun_of: str = ""
    schedule: str = ""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    spec: Spec
    state: State
    reason: str = ""
    seq: int = 0
    updated: str = ""
    started: str = ""
    finished: str = ""
    attempt: int = 0
    worker: str = ""
    waits_for: str = ""
    held_by: str = ""
    cancel_by: str = ""
    approved_by: tuple[str, ...] = ()
    stats: dict[str, Counts] = {}

    @property
    def id(self) -> str:
        return self.spec.id

    @property
    def final(self) -> bool:
        return self.state in FINAL

    @property
    def reported(self) -> bool:
        return self.spec.via == REPORTED

    @property
    def claimable(self) -> bool:
        """Whether a worker may try to take it: nothing but a lock is in its way."""
        waits_for_lock = self.state is State.WAITING and ":" in self.waits_for
        return self.state is State.PENDING or waits_for_lock


def failed_hosts(job: Job) -> tuple[str, ...]:
    """The hosts to run again: those that failed, could not be reached, or were never tried."""
    return tuple(
        host
        for host in job.spec.hosts
        if (counts := job.stats.get(host)) is None
        or counts.get("failures", 0)
        or counts.get("unreachable", 0)
    )
