"""What stops an ask although a rule lets it through: a freeze, then the rule's limits."""

from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec import Struct

from bootstrapper.policy.limits import Budget
from bootstrapper.policy.matching import matches
from bootstrapper.policy.rules import Ask, Rule
from bootstrapper.policy.verdicts import Freeze, Reason


class Brake(Struct, frozen=True):
    reason: Reason
    text: str


def freeze_brake(rule: Rule, ask: Ask, freezes: Sequence[Freeze], now: datetime) -> Brake | None:
    if rule.during_freeze or ask.risk == "read":
        return None
    for freeze in freezes:
        if freeze.holds(now) and _is_about(freeze, ask):
            return Brake(Reason.FROZEN, _frozen(freeze, rule))
    return None


def limit_brake(rule: Rule, ask: Ask, used: int) -> Brake | None:
    """The first of the rule's limits that is exceeded; `used`: jobs already in its budget."""
    limits: tuple[Callable[[Rule, Ask], Brake | None], ...] = (
        _patterns,
        _connection_vars,
        _max_hosts,
        _max_percent,
    )
    brakes = (brake for limit in limits if (brake := limit(rule, ask)))
    if brake := next(brakes, None):
        return brake
    if rule.budget and used >= rule.budget.cap:
        return budget_brake(rule.name, rule.budget, ask)
    return None


def budget_brake(rule: str, budget: Budget, ask: Ask) -> Brake:
    text = f"rule {rule!r} gives {ask.actor.name} {budget}, and that is spent: try again later"
    return Brake(Reason.BUDGET_SPENT, text)


def _is_about(freeze: Freeze, ask: Ask) -> bool:
    """What runs without naming its env may be in the frozen one."""
    return matches(ask.env, (freeze.env,)) or (not ask.env and ask.runs)


def _frozen(freeze: Freeze, rule: Rule) -> str:
    where = "everything" if freeze.env == "*" else freeze.env
    until = f"until {freeze.until:%Y-%m-%d %H:%M} UTC" if freeze.until else "until it is lifted"
    by = f" by {freeze.by}" if freeze.by else ""
    why = f" ({freeze.reason})" if freeze.reason else ""
    return f"{where} is frozen{by} {until}{why}, and rule {rule.name!r} has no during_freeze"


def _patterns(rule: Rule, ask: Ask) -> Brake | None:
    if rule.patterns or not ask.patterns:
        return None
    text = f"rule {rule.name!r} takes no groups or globs: name each host"
    return Brake(Reason.PATTERN_NOT_ALLOWED, text)


def _connection_vars(rule: Rule, ask: Ask) -> Brake | None:
    refused = [name for name in ask.connection_vars if not matches(name, rule.connection_vars)]
    if not refused:
        return None
    text = f"rule {rule.name!r} does not let a caller set {', '.join(refused)}: leave that out"
    return Brake(Reason.CONNECTION_VARS, text)


def _max_hosts(rule: Rule, ask: Ask) -> Brake | None:
    if rule.max_hosts is None:
        return None
    size = _size(ask)
    if size is None:
        return _unknown(rule)
    if size <= rule.max_hosts:
        return None
    text = (
        f"rule {rule.name!r} allows at most {rule.max_hosts} hosts in one job, "
        f"and this is {size}: {size - rule.max_hosts} too many"
    )
    return Brake(Reason.TOO_MANY_HOSTS, text)


def _max_percent(rule: Rule, ask: Ask) -> Brake | None:
    if rule.max_percent is None:
        return None
    size = _size(ask)
    if size is None or (size and not ask.fleet):
        return _unknown(rule)
    if size * 100 <= rule.max_percent * ask.fleet:
        return None
    text = (
        f"rule {rule.name!r} allows at most {rule.max_percent:g} % of the fleet in one job, "
        f"and {size} of {ask.fleet} hosts are {size * 100 / ask.fleet:.3g} %: "
        f"at most {int(rule.max_percent * ask.fleet / 100)} would pass"
    )
    return Brake(Reason.TOO_LARGE_A_SHARE, text)


def _size(ask: Ask) -> int | None:
    """Hosts touched: what runs without naming any is taken for the whole fleet; None: unknown."""
    if ask.hosts or not ask.runs:
        return len(set(ask.hosts))
    return ask.fleet or None


def _unknown(rule: Rule) -> Brake:
    text = f"rule {rule.name!r} limits how many hosts a job may touch: name the hosts"
    return Brake(Reason.SIZE_UNKNOWN, text)
