"""What Ansible is to do, as a value: made by an action, performed by `run.py`."""

from typing import Any

import msgspec

from bootstrapper.events import Counts
from bootstrapper.jobs.states import State


class Roles(msgspec.Struct, frozen=True, tag=True):
    roles: tuple[str, ...]


class Book(msgspec.Struct, frozen=True, tag=True):
    playbook: str


class Module(msgspec.Struct, frozen=True, tag=True):
    module: str
    args: str = ""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """`hosts` are exact names or addresses; `serial` hosts at a time (0: all), `canary` first."""

    what: Roles | Book | Module
    hosts: tuple[str, ...]
    env: str = ""
    extra_vars: dict[str, Any] = {}
    tags: tuple[str, ...] = ()
    skip_tags: tuple[str, ...] = ()
    check: bool = False
    diff: bool = False
    become: bool = False
    forks: int = 0
    serial: int = 0
    canary: int = 0


class Outcome(msgspec.Struct, frozen=True):
    """How a run ended. `stats` is Ansible's recap, host by host."""

    state: State
    reason: str
    stats: dict[str, Counts] = {}


def outcome_of(stats: dict[str, Counts], hosts: tuple[str, ...]) -> Outcome:
    """A job's own outcome, from a recap that may cover its neighbours' hosts too."""
    own = {host: stats[host] for host in hosts if host in stats}
    bad = [
        host for host, counts in own.items() if counts.get("failures") or counts.get("unreachable")
    ]
    missed = [host for host in hosts if host not in own]
    if bad:
        return Outcome(State.FAILED, _count(bad, len(hosts), "failed"), own)
    if missed and own:
        return Outcome(State.FAILED, _count(missed, len(hosts), "never reached by the play"), own)
    if missed:
        return Outcome(State.FAILED, "the play touched none of its hosts", own)
    return Outcome(State.SUCCESSFUL, f"{len(hosts)} of {len(hosts)} hosts done", own)


def _count(hosts: list[str], total: int, what: str) -> str:
    shown = ", ".join(hosts[:3]) + (", …" if len(hosts) > 3 else "")  # noqa: PLR2004
    return f"{len(hosts)} of {total} hosts {what}: {shown}"
