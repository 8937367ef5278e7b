"""What somebody wants (Ask) and what the operator says to it (Rule), as values.

`matching` tells whether a rule is about an ask, `decide` what follows from that.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from bootstrapper.policy.actors import Actor
from bootstrapper.policy.limits import Approvals, Budget
from bootstrapper.windows import Window

__all__ = ["RISKS", "Actor", "Approvals", "Ask", "Budget", "Effect", "Rule", "Window"]

RISKS = ("read", "change", "destructive")
Globs = tuple[str, ...]
"""Shell patterns, case-sensitive (`fnmatch.fnmatchcase`); none: anything."""
Hosts = Annotated[int, Meta(ge=1, le=1_000_000)]


class Effect(StrEnum):
    ALLOW = "allow"
    DENY = "deny"
    APPROVE = "approve"


class Ask(Struct, frozen=True, kw_only=True):
    """`actor` wants `action` done. What is empty was not said.

    `hosts` are the targets after groups and globs were resolved, and `patterns` says whether
    there were any. `aliases` are other names of the same machines: only what denies looks there.
    `module_aliases` are what else the module is called: a rule that says any of them says it.
    `channel` is a chat channel's id or `direct`, `channel_name` what the policy calls it.
    `args` are the ad-hoc module's as text. `serial` is how many hosts at a time the caller asked
    for (0: all), `fleet` how many are known in `env`, or in all. `connection_vars` names the
    extra vars that steer Ansible or Mitogen; `check` is a dry run.
    """

    actor: Actor
    action: str
    risk: str = "change"
    env: str = ""
    hosts: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    playbook: str = ""
    module: str = ""
    module_aliases: tuple[str, ...] = ()
    args: str = ""
    tags: tuple[str, ...] = ()
    serial: int = 0
    fleet: int = 0
    patterns: bool = False
    connection_vars: tuple[str, ...] = ()
    check: bool = False
    channel: str = ""
    channel_name: str = ""

    @property
    def runs(self) -> bool:
        """Whether machines are touched: then a host or env that was not said may be any."""
        return bool(self.hosts or self.roles or self.playbook or self.module or self.patterns)


class Rule(Struct, frozen=True, kw_only=True):
    """One `[[rule]]`. All its matchers must hold; then its limits bind what it lets through."""

    name: str
    verdict: Effect
    reason: str = ""

    actions: Globs = ()
    risks: Globs = ()
    check: bool | None = None
    playbooks: Globs = ()
    roles: Globs = ()
    modules: Globs = ()
    args: tuple[str, ...] = ()  # regular expressions that must cover the whole text
    tags: Globs = ()
    envs: Globs = ()
    hosts: Globs = ()
    channels: Globs = ()
    windows: tuple[Window, ...] = ()
    actors: Globs = ()
    groups: Globs = ()

    max_hosts: Hosts | None = None
    max_percent: Annotated[float, Meta(gt=0, le=100)] | None = None  # of the ask's `fleet`
    serial: Hosts | None = None  # hosts at a time, at most
    canary: Hosts | None = None  # hosts in the first batch
    budget: Budget | None = None
    patterns: bool = False
    connection_vars: Globs = ()
    during_freeze: bool = False
    approvals: Approvals | None = None
