"""Locks, freezes, tokens, schedules, content and audit as tables. Pure."""

from collections.abc import Iterable
from typing import Any

import msgspec

from bootstrapper.cli.telling.lines import Line, Tone, clean, pairs, table
from bootstrapper.cli.telling.plans import TONES as VERDICTS
from bootstrapper.cli.telling.times import when
from bootstrapper.client.site_views import (
    AuditCheck,
    AuditEntry,
    Content,
    Freeze,
    HeldLock,
    Inventory,
    Schedule,
    Token,
    Whoami,
)


def tell_locks(locks: Iterable[HeldLock]) -> tuple[Line, ...]:
    return table(
        ("RESOURCE", "HOLDER", "SINCE", "UNTIL", "REASON"),
        ((x.resource, x.holder, when(x.since), when(x.until), x.reason) for x in locks),
    )


def tell_freezes(freezes: Iterable[Freeze]) -> tuple[Line, ...]:
    return table(
        ("ID", "ENV", "BY", "SINCE", "UNTIL", "REASON"),
        ((x.id, x.env, x.by, when(x.since), when(x.until), x.reason) for x in freezes),
    )


def tell_tokens(tokens: Iterable[Token]) -> tuple[Line, ...]:
    return table(
        ("ID", "NAME", "ACTOR", "CREATED", "EXPIRES", "USED"),
        ((x.id, x.name, x.actor, when(x.created), when(x.expires), when(x.used)) for x in tokens),
    )


def tell_schedules(schedules: Iterable[Schedule]) -> tuple[Line, ...]:
    return table(
        ("NAME", "CRON", "ZONE", "NEXT", "LAST", "ACTION", "REQUEST", "FAULT"),
        (
            (
                x.name,
                x.cron,
                x.zone,
                when(x.next),
                when(x.last),
                x.action,
                _json(x.request),
                x.fault,
            )
            for x in schedules
        ),
    )


def tell_content(content: Content) -> tuple[Line, ...]:
    roles = table(("ROLE", "SUMMARY"), ((role.name, role.summary) for role in content.roles))
    rows = (
        ("commit", content.commit),
        ("source", content.source),
        ("envs", ", ".join(content.envs)),
        ("playbooks", ", ".join(book.name for book in content.playbooks)),
        ("update-code", content.update_code),
    )
    notes = tuple(Line(clean(note), Tone.CHANGED) for note in content.notes)
    return (*pairs(rows), *notes, *(roles if content.roles else ()))


def tell_inventory(inventory: Inventory) -> tuple[Line, ...]:
    groups = inventory.groups
    return table(
        ("HOST", "ADDRESS", "PORT", "GROUPS"),
        (
            (
                host.name,
                host.address,
                str(host.port or ""),
                ", ".join(name for name, members in groups.items() if host.name in members),
            )
            for host in inventory.hosts
        ),
    )


def tell_audit(entry: AuditEntry) -> tuple[Line, ...]:
    """`12 2026-01-01 12:00:00 UTC alice apply-roles prod web-1: allow by rule 'ops': …`."""
    more = entry.hosts - len(entry.first_hosts)
    on = ", ".join(entry.first_hosts) + (f" and {more} more" if more > 0 else "")
    asked = " ".join(filter(None, (entry.actor, entry.action, entry.env, on)))
    by = f" by rule {entry.rule!r}" if entry.rule else ""
    job = f" → {entry.job}" if entry.job else ""
    text = f"{entry.number} {when(entry.at)} {asked}: {entry.effect}{by}: {entry.reason}{job}"
    return (Line(clean(text), VERDICTS.get(entry.effect, Tone.PLAIN)),)


def tell_audit_check(check: AuditCheck) -> tuple[Line, ...]:
    if check.ok:
        return (Line(f"unbroken: {check.entries} entries, head {check.head}", Tone.GOOD),)
    broken = check.broken or {}
    where = f" at entry {broken['number']}" if broken.get("number") else ""
    return (Line(clean(f"broken{where}: {broken.get('what', '')}"), Tone.BAD),)


def tell_whoami(me: Whoami) -> tuple[Line, ...]:
    return pairs((("actor", me.actor), ("groups", ", ".join(me.groups)), ("via", me.via)))


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
