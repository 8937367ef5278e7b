"""One `[[rule]]` of the policy file: from its table to a Rule, every fault noted at its place."""

import re
from collections.abc import Collection, Mapping
from typing import Annotated, Any, get_type_hints

from msgspec import Meta

from bootstrapper.errors import Mistake
from bootstrapper.policy.faults import Faults, actor_glob, glob, name, regex, suggestion
from bootstrapper.policy.limits import Approvals, budget_from, seconds_from
from bootstrapper.policy.matching import matches
from bootstrapper.policy.rules import RISKS, Effect, Rule
from bootstrapper.windows import DAYS, MIDNIGHT, Window, minute_from, zone_named

KINDS = get_type_hints(Rule, include_extras=True)
READERS = {
    **{key: glob for key, kind in KINDS.items() if kind == tuple[str, ...]},
    "actors": actor_glob,
    "args": regex,
}
LIMITS = ("max_hosts", "max_percent", "serial", "canary", "budget", "patterns", "connection_vars")
LETS_THROUGH = (*LIMITS, "during_freeze", "approvals")


DIRECT = "direct"
"""What a direct message to the bot has in the place of a channel's id."""
CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{5,}")
GLOB = re.compile(r"[*?\[]")


def channel_id(text: str) -> str:
    if not CHANNEL_ID.fullmatch(text):
        raise Mistake(f"{text!r} is not a channel's id, such as C0123ABCDEF")
    return text


def read_rule(
    raw: Any, place: str, groups: Collection[str], channels: Collection[str], faults: Faults
) -> Rule:
    table = faults.table(raw, KINDS, place)
    read = {key: _field(key, value, f"{place}.{key}", faults) for key, value in table.items()}
    values = {key: value for key, value in read.items() if value is not None}
    for key in ("name", "verdict"):
        if isinstance(raw, dict) and key not in table:
            faults.add(f"{place}.{key}", "is missing")
    rule = Rule(**{"name": "", "verdict": Effect.DENY} | values)
    if "verdict" in values:
        _check_verdict(rule, table, place, faults)
    _check_names(rule, place, groups, faults)
    _check_channels(rule, place, channels, faults)
    if rule.canary and rule.serial and rule.canary > rule.serial:
        faults.add(f"{place}.canary", f"is larger than serial, {rule.serial}")
    return rule


def _field(key: str, value: Any, place: str, faults: Faults) -> Any:
    if key in READERS:
        return faults.texts(READERS[key], value, place)
    match key:
        case "name":
            return faults.read(name, value, place)
        case "windows":
            entries = faults.entries(value, place)
            return tuple(_window(raw, at, faults) for at, raw in entries)
        case "budget":
            return faults.read(budget_from, value, place)
        case "approvals":
            return _approvals(value, place, faults)
        case _:
            return faults.convert(value, KINDS[key], place)


def _window(raw: Any, place: str, faults: Faults) -> Window:
    table = faults.table(raw, ("days", "from", "to", "zone"), place)
    days = faults.texts(_day, table["days"], f"{place}.days") if "days" in table else DAYS
    start = faults.read(minute_from, table.get("from", "00:00"), f"{place}.from")
    end = faults.read(minute_from, table.get("to", "24:00"), f"{place}.to")
    if start is not None and start in (end, MIDNIGHT):
        faults.add(f"{place}.to", "the window is empty; a whole day is 00:00 to 24:00")
    zone = table.get("zone", "UTC")
    faults.read(zone_named, zone, f"{place}.zone")
    return Window(days=days, start=start or 0, end=MIDNIGHT if end is None else end, zone=zone)


def _day(text: str) -> str:
    if text not in DAYS:
        raise Mistake(f"{text!r} is not one of {', '.join(DAYS)}")
    return text


def _approvals(raw: Any, place: str, faults: Faults) -> Approvals | None:
    table = faults.table(raw, ("count", "group", "expires"), place)
    if "group" not in table:
        faults.add(f"{place}.group", "is missing")
        return None
    count = faults.convert(table.get("count", 1), Annotated[int, Meta(ge=1)], f"{place}.count")
    group = faults.convert(table["group"], str, f"{place}.group")
    expires = faults.read(seconds_from, table.get("expires", "4h"), f"{place}.expires")
    if count is None or group is None or expires is None:
        return None
    return Approvals(count=count, group=group, expires=expires)


def _check_verdict(rule: Rule, table: Mapping[str, Any], place: str, faults: Faults) -> None:
    if rule.verdict is Effect.APPROVE and "approvals" not in table:
        faults.add(f"{place}.approvals", "is missing: who must approve?")
    if rule.verdict is Effect.ALLOW and "approvals" in table:
        faults.add(f"{place}.approvals", 'belongs to verdict = "approve"')
    for key in LETS_THROUGH:
        if rule.verdict is Effect.DENY and key in table:
            faults.add(f"{place}.{key}", "has no meaning where the verdict is deny")


def _check_names(rule: Rule, place: str, groups: Collection[str], faults: Faults) -> None:
    """A name that is misspelt would leave a door open (or shut) without a word."""
    if rule.approvals and rule.approvals.group not in groups:
        text = f"no group {rule.approvals.group!r} below [groups]"
        faults.add(f"{place}.approvals.group", text + suggestion(rule.approvals.group, groups))
    for pattern in rule.groups:
        if not any(matches(group, (pattern,)) for group in groups):
            text = f"no group {pattern!r} below [groups]" + suggestion(pattern, groups)
            faults.add(f"{place}.groups", text)
    for pattern in rule.risks:
        if not any(matches(risk, (pattern,)) for risk in RISKS):
            faults.add(f"{place}.risks", f"{pattern!r} is not one of {', '.join(RISKS)}")


def _check_channels(rule: Rule, place: str, channels: Collection[str], faults: Faults) -> None:
    known = {DIRECT, *channels}
    for text in rule.channels:
        if not (text in known or GLOB.search(text) or CHANNEL_ID.fullmatch(text)):
            where = f"no channel {text!r} below [channels], and no channel's id"
            faults.add(f"{place}.channels", where + suggestion(text, known))
