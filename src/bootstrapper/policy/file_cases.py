"""One `[[case]]` of the policy file: an ask, and the verdict that its author expects."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, get_type_hints

from msgspec import Meta

from bootstrapper.policy.actors import Actor
from bootstrapper.policy.faults import Faults, actor_glob, suggestion
from bootstrapper.policy.rulebook import Case
from bootstrapper.policy.rules import Ask, Effect

MONDAY_NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
"""When a case is asked that does not say when."""
YEARS = range(2000, 2200)

KINDS = {
    **{key: kind for key, kind in get_type_hints(Ask).items() if key != "channel_name"},
    "actor": str,
    "groups": frozenset[str],
    "via": str,
    "risk": Literal["read", "change", "destructive"],
    "serial": Annotated[int, Meta(ge=0, le=1_000_000)],
    "fleet": Annotated[int, Meta(ge=0, le=1_000_000)],
    "at": Annotated[datetime, Meta(tz=True)],
}


def read_case(raw: Any, place: str, rules: Collection[str], faults: Faults) -> Case:
    table = faults.table(raw, ("ask", "expect", "rule"), place)
    for key in ("ask", "expect"):
        if isinstance(raw, dict) and key not in table:
            faults.add(f"{place}.{key}", "is missing")
    expect = faults.convert(table.get("expect", "deny"), Effect, f"{place}.expect")
    rule = faults.convert(table.get("rule"), str | None, f"{place}.rule")
    if rule and rule not in rules:
        faults.add(f"{place}.rule", f"no rule {rule!r}" + suggestion(rule, rules))
    values = _ask_values(table.get("ask", {}), f"{place}.ask", "ask" in table, faults)
    at = values.pop("at", MONDAY_NOON)
    if at.year not in YEARS:  # zones cannot be reckoned at the ends of time
        faults.add(f"{place}.ask.at", f"the year must be from {YEARS.start} to {YEARS.stop - 1}")
        at = MONDAY_NOON
    return Case(ask=_ask(values), at=at.astimezone(UTC), expect=expect or Effect.DENY, rule=rule)


def _ask_values(raw: Any, place: str, given: bool, faults: Faults) -> dict[str, Any]:
    table = faults.table(raw, KINDS, place)
    for key in ("actor", "action"):
        if given and isinstance(raw, dict) and key not in table:
            faults.add(f"{place}.{key}", "is missing")
    read = {
        key: faults.convert(value, KINDS[key], f"{place}.{key}") for key, value in table.items()
    }
    if read.get("actor") is not None:
        faults.read(actor_glob, read["actor"], f"{place}.actor")
    return {key: value for key, value in read.items() if value is not None}


def _ask(values: Mapping[str, Any]) -> Ask:
    about = {key: values[key] for key in values if key not in {"actor", "groups", "via"}}
    who = {key: values[key] for key in ("groups", "via") if key in values}
    return Ask(**{"action": ""} | about, actor=Actor(name=values.get("actor", ""), **who))
