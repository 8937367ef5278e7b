"""Notifications as tables. Pure."""

from bootstrapper.cli.telling.lines import Line, table
from bootstrapper.cli.telling.times import when
from bootstrapper.client.notices import NoticeGroup, Notifications


def tell_notifications(found: Notifications) -> tuple[Line, ...]:
    receivers = table(
        ("RECEIVER", "KIND", "LAST SENT", "FAILS", "LAST FAILURE", ""),
        ((x.name, x.kind, when(x.sent), str(x.fails or ""), when(x.failed), x.failure)
         for x in found.receivers),
    )  # fmt: skip
    groups = table(
        ("RULE", "RECEIVER", "OF", "HOLDS", "WAITS", "LAST SENT", "NEXT", "WHY"),
        (
            (
                x.rule, x.receiver, _labels(x), str(len(x.holds)), str(x.waits), when(x.sent),
                _next(x), x.why,
            )
            for x in found.groups
        ),
    )  # fmt: skip
    held = {(x.type, x.subject, x.severity, x.since, x.text) for g in found.groups for x in g.holds}
    holds = table(("HELD", "SUBJECT", "SEVERITY", "SINCE", "TEXT"), (
        (kind, subject, severity, when(since), text)
        for kind, subject, severity, since, text in sorted(held)
    ))  # fmt: skip
    return (*receivers, *(groups if found.groups else ()), *(holds if held else ()))


def _labels(group: NoticeGroup) -> str:
    return ", ".join(f"{name}={value}" for name, value in group.labels.items() if value)


def _next(group: NoticeGroup) -> str:
    if group.sending:
        return f"now (tried {group.tries} times)"
    if group.waits and not group.next and group.quiet:
        return "after quiet hours"
    return when(group.next)
