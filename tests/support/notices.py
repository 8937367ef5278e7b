"""Notices and rules as values, with what a test does not care about filled in."""

from collections.abc import Mapping
from typing import Any

from bootstrapper.ids import new_id
from bootstrapper.notify.group import Sending, Why
from bootstrapper.notify.notice import Notice
from bootstrapper.settings.notify import NotifyRule

NOON = 1_767_614_400.0
"""2026-01-05, a Monday, 12:00 UTC."""


def a_notice(kind: str = "job_failed", subject: str = "job:web", **fields: Any) -> Notice:
    values: dict[str, Any] = {
        "id": new_id(), "at": NOON, "type": kind, "severity": "error", "subject": subject,
        "text": f"{kind} of {subject}", "lasts": True,
    }  # fmt: skip
    return Notice(**(values | fields))


def a_fact(kind: str = "node_joined", subject: str = "node:web-1", **fields: Any) -> Notice:
    return a_notice(kind, subject, **({"lasts": False, "severity": "info"} | fields))


def an_end(of: Notice, **fields: Any) -> Notice:
    """Another notice that ends it, and has something to tell itself."""
    kind = {"id": new_id(), "type": "job_successful", "ends": (of.type,), "lasts": False}
    return a_notice(subject=of.subject, **{"severity": "info", **kind, **fields})


def a_rule(name: str = "all", **fields: Any) -> NotifyRule:
    return NotifyRule(**({"name": name, "receivers": ("ops",)} | fields))


def by_name(*rules: NotifyRule) -> Mapping[str, NotifyRule]:
    return {rule.name: rule for rule in rules}


def a_sending(*opened: Notice, **fields: Any) -> Sending:
    values: dict[str, Any] = {
        "id": new_id(), "at": NOON, "rule": "all", "receiver": "ops", "why": Why.FIRST,
        "opened": opened,
    }  # fmt: skip
    return Sending(**(values | fields))
