"""How far a job is: what its journal has said so far, in a bounded room."""

from typing import Literal

import msgspec

from bootstrapper.jobs.states import FINAL, State

Status = Literal["ok", "changed", "failed", "unreachable"]
"""The worst that a host has answered in this run."""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """`message` is cut; `seq` is the entry of the journal that has it all."""

    seq: int
    host: str
    task: str
    message: str
    item: str = ""


class Play(msgspec.Struct, frozen=True, kw_only=True):
    """The play that runs. `number` counts the plays of this run; `hosts` and `tasks` are 0 where
    nobody has counted them; `begun` of its tasks; `answered`: hosts that have answered `task`."""

    number: int = 0
    name: str = ""
    hosts: int = 0
    tasks: int = 0
    begun: int = 0
    task: str = ""
    answered: int = 0


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """`seq` is the last entry that is in it. Times are RFC 3339, "" when it has not happened.

    `asked` is the entry that last asked for approvals: another one is about another plan.
    `failures` are the first ones, `failed` counts all, `last_failure` is the entry of the last;
    `pending` are failed items of a task that is not through yet.
    """

    seq: int = 0
    state: State = State.PENDING
    reason: str = ""
    waits_for: str = ""
    held_by: str = ""
    asked: int = 0
    approved_by: tuple[str, ...] = ()
    missing: int = 0
    queued: str = ""
    started: str = ""
    ended: str = ""
    worker: str = ""
    attempt: int = 0
    batch: int = 1
    cancel_by: str = ""
    said: str = ""
    play: Play = Play()
    hosts: dict[str, Status] = {}
    failures: tuple[Failure, ...] = ()
    failed: int = 0
    last_failure: int = 0
    pending: tuple[Failure, ...] = ()

    @property
    def final(self) -> bool:
        return self.state in FINAL

    @property
    def news(self) -> tuple[object, ...]:
        """When this changes, people want to know at once; the rest is mere progress."""
        return self.final, self.failed, self.asked, len(self.approved_by), self.cancel_by

    @property
    def for_approval(self) -> bool:
        return self.state is State.WAITING and self.waits_for == "approval"

    def count(self, status: Status) -> int:
        return sum(each == status for each in self.hosts.values())
