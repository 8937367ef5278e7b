"""The facts a job's journal holds. Past tense, frozen, and nothing else.

Their wording for people is at the edges (`cli/`, chat, dashboard); `type` names each in JSON.
"""

from typing import Any, Literal

import msgspec

from bootstrapper.jobs.states import State

HostStatus = Literal["ok", "changed", "failed", "unreachable", "skipped", "ignored", "retry"]
Counts = dict[str, int]
"""ok, changed, failures, unreachable, skipped, rescued, ignored: as Ansible's recap has them."""


class Event(msgspec.Struct, frozen=True, tag_field="type", omit_defaults=True):
    pass


class JobQueued(Event, frozen=True, tag="job_queued"):
    actor: str
    via: str
    rule: str


class JobWaiting(Event, frozen=True, tag="job_waiting"):
    """`for_` is a lock (`host:10.0.0.5`), `approval`, `time` or `freeze`; `held_by` a job or
    a person."""

    reason: str
    for_: str = msgspec.field(name="for")
    held_by: str = ""


class JobApproved(Event, frozen=True, tag="job_approved"):
    by: str
    missing: int = 0


class JobRejected(Event, frozen=True, tag="job_rejected"):
    by: str
    reason: str = ""


class JobStarted(Event, frozen=True, tag="job_started"):
    """`batch` counts the jobs that share this run; `attempt` starts at 1."""

    worker: str
    attempt: int
    batch: int = 1


class JobRepeated(Event, frozen=True, tag="job_repeated"):
    reason: str
    attempt: int


class CancelAsked(Event, frozen=True, tag="cancel_asked"):
    by: str


class JobEnded(Event, frozen=True, tag="job_ended"):
    state: State
    reason: str


class PlayStarted(Event, frozen=True, tag="play_started"):
    """`tasks` of the play, as far as they are known before it runs; 0: not counted."""

    play: str
    hosts: int = 0
    tasks: int = 0


class TaskStarted(Event, frozen=True, tag="task_started"):
    task: str
    action: str = ""
    role: str = ""
    handler: bool = False


class HostResult(Event, frozen=True, tag="host_result"):
    """One task on one host, or one item of its loop; after the items comes the task itself, without
    `item`. `task` is `role : name`. `seconds` is the task's own duration."""

    host: str
    task: str
    status: HostStatus
    seconds: float = 0.0
    item: str = ""
    message: str = ""
    stdout: str = ""
    stderr: str = ""
    diff: str = ""
    data: dict[str, Any] = {}


class Said(Event, frozen=True, tag="said"):
    """A line for the reader: a warning of Ansible, progress of an action."""

    text: str
    level: Literal["info", "warning", "error"] = "info"


class Recap(Event, frozen=True, tag="recap"):
    hosts: dict[str, Counts]


RunEvent = PlayStarted | TaskStarted | HostResult | Said
"""What a run tells while it goes on."""
AnyEvent = (
    JobQueued | JobWaiting | JobApproved | JobRejected | JobStarted | JobRepeated
    | CancelAsked | JobEnded | PlayStarted | TaskStarted | HostResult | Said | Recap
)  # fmt: skip


class Entry(msgspec.Struct, frozen=True):
    """A journal's line: `seq` counts from 1 without a gap; `at` is RFC 3339, UTC."""

    seq: int
    at: str
    event: AnyEvent
