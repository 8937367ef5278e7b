"""What the API answers about the site itself: its content, brakes, tokens, schedules and audit."""

from typing import Any

from msgspec import Struct

from bootstrapper.jobs.job import Options


class Role(Struct, frozen=True, kw_only=True):
    name: str
    summary: str = ""
    alone: str = ""


class Playbook(Struct, frozen=True, kw_only=True):
    name: str
    summary: str = ""


class Content(Struct, frozen=True, kw_only=True):
    commit: str = ""
    source: str = ""
    roles: tuple[Role, ...] = ()
    playbooks: tuple[Playbook, ...] = ()
    envs: tuple[str, ...] = ()
    update_code: str = ""
    notes: tuple[str, ...] = ()


class HostInfo(Struct, frozen=True, kw_only=True):
    name: str
    address: str = ""
    port: int | None = None


class Inventory(Struct, frozen=True, kw_only=True):
    env: str = ""
    hosts: tuple[HostInfo, ...] = ()
    groups: dict[str, tuple[str, ...]] = {}


class PolicyInfo(Struct, frozen=True, kw_only=True):
    digest: str = ""
    source: str = ""
    rules: tuple[str, ...] = ()
    fault: str = ""


class HeldLock(Struct, frozen=True, kw_only=True):
    resource: str
    mode: str = "x"
    holder: str = ""
    reason: str = ""
    since: str | None = ""
    until: str | None = ""


class Freeze(Struct, frozen=True, kw_only=True):
    id: str
    env: str = "*"
    reason: str = ""
    since: str | None = ""
    until: str | None = None
    by: str = ""


class Token(Struct, frozen=True, kw_only=True):
    id: str
    name: str
    actor: str = ""
    created: str | None = ""
    expires: str | None = None
    used: str | None = None


class NewToken(Token, frozen=True, kw_only=True):
    """`token` is its text; nobody can see it again."""

    token: str


class Schedule(Struct, frozen=True, kw_only=True):
    name: str
    cron: str
    action: str
    zone: str = "UTC"
    request: dict[str, Any] = {}
    options: Options = Options()
    by: str = ""
    next: str | None = ""
    last: str | None = ""
    fault: str = ""


class AuditEntry(Struct, frozen=True, kw_only=True):
    """A verdict; `hosts` is how many there were, `job` what came of it ("": nothing)."""

    number: int
    at: str
    actor: str
    action: str
    effect: str
    via: str = ""
    env: str = ""
    hosts: int = 0
    first_hosts: tuple[str, ...] = ()
    rule: str = ""
    reason: str = ""
    policy: str = ""
    job: str = ""
    id: str = ""
    previous: str = ""
    hash: str = ""


class AuditCheck(Struct, frozen=True, kw_only=True):
    """`broken` says at which entry the chain does not hold, and what is wrong there."""

    ok: bool
    entries: int = 0
    head: str = ""
    broken: dict[str, Any] | None = None


class Whoami(Struct, frozen=True, kw_only=True):
    actor: str
    groups: tuple[str, ...] = ()
    via: str = ""
