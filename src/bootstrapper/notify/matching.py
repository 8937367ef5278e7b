"""Which rules a notice fits, and to whom it goes by them. Pure."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from bootstrapper.notify.notice import SEVERITIES, Notice
from bootstrapper.settings.notify import NotifyRule


def rules_for(notice: Notice, rules: Sequence[NotifyRule]) -> Iterator[NotifyRule]:
    """The first that it fits, and those after it as long as each goes on."""
    for rule in rules:
        if fits(notice, rule):
            yield rule
            if not rule.go_on:
                return


def fits(notice: Notice, rule: NotifyRule) -> bool:
    return (
        _any(notice.type, rule.types)
        and _any(notice.env, rule.envs)
        and _any(notice.cluster, rule.clusters)
        and SEVERITIES.index(notice.severity) >= SEVERITIES.index(rule.least)
    )


def _any(text: str, globs: Sequence[str]) -> bool:
    return not globs or any(fnmatchcase(text, glob) for glob in globs)


def labels_of(notice: Notice, rule: NotifyRule) -> tuple[tuple[str, str], ...]:
    """What all notices of one group have in common."""
    return tuple((label, str(getattr(notice, label))) for label in rule.group_by)
