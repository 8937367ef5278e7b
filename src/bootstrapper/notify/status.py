"""What is held, what waits, and how each receiver does: of what is remembered. Pure."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from bootstrapper.notify.group import Group, Sending
from bootstrapper.notify.grouping import Due, due, quiet
from bootstrapper.notify.notice import Notice
from bootstrapper.settings.notify import NotifyRule


class GroupStatus(msgspec.Struct, frozen=True, kw_only=True):
    """`holds`: told, and not over; `waits`: how many notices are to be told; `next`: when."""

    group: Group
    holds: tuple[Notice, ...]
    waits: int
    next: Due | None
    quiet: bool

    @property
    def sending(self) -> Sending | None:
        return self.group.sending


def statuses(
    groups: Mapping[str, Group], rules: Sequence[NotifyRule], now: float
) -> Iterator[GroupStatus]:
    """Those of rules that are still set, in the order of their ids."""
    by_name = {rule.name: rule for rule in rules}
    for _, group in sorted(groups.items()):
        rule = by_name.get(group.rule)
        if rule is None:
            continue
        waiting = [item for item in group.items if not item.told or item.ended_by is not None]
        yield GroupStatus(
            group=group, next=due(group, rule, now), quiet=quiet(rule, now),
            holds=tuple(item.notice for item in group.items if item.holds),
            waits=len(waiting) + sum(group.more.values()),
        )  # fmt: skip
