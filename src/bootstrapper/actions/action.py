"""An action: a typed, frozen request with its docs, its risk and a `run`.

The API route, the CLI command, the policy's vocabulary and the OpenAPI schema all derive from
this one definition. A new action is one file and one entry point in the group
`bootstrapper.actions`.
"""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

import msgspec

from bootstrapper.events import Event
from bootstrapper.jobs.job import Job, Lock
from bootstrapper.playbooks.catalogue import Catalogue, Host
from bootstrapper.playbooks.work import Outcome, Work
from bootstrapper.settings import Settings


class Risk(StrEnum):
    READ = "read"
    CHANGE = "change"
    DESTRUCTIVE = "destructive"


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What a request would touch: what the policy judges, and the locks it will hold."""

    env: str = ""
    hosts: tuple[Host, ...] = ()
    fleet: int = 0
    patterns: bool = False
    roles: tuple[str, ...] = ()
    playbook: str = ""
    module: str = ""
    args: str = ""
    tags: tuple[str, ...] = ()
    connection_vars: tuple[str, ...] = ()
    serial: int = 0
    check: bool = False
    locks: tuple[Lock, ...] = ()
    shares_a_play: bool = False


class Run(Protocol):
    """What a running action has at hand, in a process and a folder of its own."""

    @property
    def jobs(self) -> Sequence[Job]:
        """One job, or several that share this run."""
        ...

    @property
    def hosts(self) -> tuple[str, ...]:
        """All hosts of all its jobs."""
        ...

    @property
    def settings(self) -> Settings: ...

    @property
    def workspace(self) -> Path:
        """Private to this run; what is left in `artifacts/` is kept with the job."""
        ...

    def emit(self, event: Event) -> None:
        """Write to the journal of every job of this run."""
        ...

    def sync(self, ref: str) -> Outcome:
        """Bring the content to `ref` (empty: as the settings say)."""
        ...

    def play(self, work: Work) -> Outcome:
        """Let Ansible do it."""
        ...


class Action(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Subclass it: the fields are the request, the docstring its documentation."""

    NAME: ClassVar[str]
    COMMAND: ClassVar[str] = ""
    """The CLI's verb; empty: NAME."""
    CHAT: ClassVar[tuple[str, ...]] = ()
    """The chat's verb, then the fields that its words fill in order; the last one, where it ends
    with `…`, takes the rest of the line. Empty: COMMAND, and the fields that must be given."""
    RISK: ClassVar[Risk] = Risk.CHANGE
    EXAMPLE: ClassVar[dict[str, Any]] = {}
    REPEATABLE: ClassVar[bool] = False
    """Whether a second run after a lost or failed first one does no harm."""
    NEEDS_CONTENT: ClassVar[bool] = True
    """Whether `scope` is to be handed the catalogue (else an empty one)."""

    def scope(self, catalogue: Catalogue) -> Scope:
        """Check every name against the content; pure. A Mistake names the field."""
        return Scope()

    def without_hosts(self) -> Self | None:
        """The request less its hosts, when jobs that differ only in them may share a run."""
        return None

    def run(self, run: Run) -> Outcome:
        raise NotImplementedError
