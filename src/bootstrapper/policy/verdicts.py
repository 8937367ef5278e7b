"""What the policy answers, and why, as values."""

from datetime import datetime
from enum import Enum

from msgspec import Struct

from bootstrapper.policy.limits import Approvals, Budget
from bootstrapper.policy.rules import Effect


class Reason(Enum):
    """Why the verdict is what it is: the same words in the API, the chat, the log and the audit."""

    ALLOWED = "a rule allows it"
    NEEDS_APPROVAL = "others must approve first"
    DENIED_BY_RULE = "a rule denies it"
    NO_RULE = "no rule allows it"
    FROZEN = "changes are frozen"
    PATTERN_NOT_ALLOWED = "hosts must be named exactly"
    CONNECTION_VARS = "connection variables are not the caller's to set"
    TOO_MANY_HOSTS = "too many hosts"
    TOO_LARGE_A_SHARE = "too large a share of the fleet"
    SIZE_UNKNOWN = "nobody knows how many hosts this would touch"
    BUDGET_SPENT = "the budget is spent"
    MAKER_GONE = "who asked for it is gone"
    STRANGER = "no user of the policy has this chat id"


class Freeze(Struct, frozen=True, kw_only=True):
    """No changes in the envs that `env`, a glob, names; `until` None: until it is lifted."""

    id: str
    env: str = "*"
    reason: str = ""
    since: datetime
    until: datetime | None = None
    by: str = ""

    def holds(self, now: datetime) -> bool:
        return self.since <= now and (self.until is None or now < self.until)


class Step(Struct, frozen=True):
    """A rule that was considered; `failed` is the first matcher that did not hold ("": it decided).

    `why` says the same for people.
    """

    rule: str
    failed: str = ""
    why: str = ""


class Verdict(Struct, frozen=True, kw_only=True):
    """`rule` is "" when none matched; `text` is one sentence: why, and what could be done.

    `serial` and `canary` are the batch sizes imposed, in hosts (0: none). `budget` is what the
    caller must reserve, atomically, under `budget_key` before it acts.
    """

    effect: Effect
    rule: str = ""
    reason: Reason
    text: str
    approvals: Approvals | None = None
    serial: int = 0
    canary: int = 0
    budget: Budget | None = None
    trace: tuple[Step, ...] = ()
