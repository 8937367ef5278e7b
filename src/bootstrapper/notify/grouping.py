"""When a group is told, and what of it: as Alertmanager paces its notifications. Pure.

The first message of a group comes `group_wait` after its first notice; news, `group_interval`
after the message before; what holds on without news, `repeat` after it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
from msgspec.structs import replace

from bootstrapper.notify.group import Ended, Group, Groups, Item, Sending, Why, sending_id
from bootstrapper.settings.notify import NotifyRule


class Due(msgspec.Struct, frozen=True):
    """`at`: Unix time, which may have been."""

    at: float
    why: Why


def due(group: Group, rule: NotifyRule, now: float) -> Due | None:
    """When its next message is, as far as can be told now: quiet hours may begin, or end."""
    if group.sending is not None:
        return None
    items = _heard(group, rule, now)
    times = [time for item in items for time in _news(item, rule)]
    times += [group.more_since] if _counts(group, rule, now) else []
    if times:
        if not group.sent:
            return Due(min(times) + rule.group_wait, Why.FIRST)
        return Due(max(group.sent + rule.group_interval, min(times) + rule.group_wait), Why.NEWS)
    if rule.repeat and any(item.holds for item in items):
        return Due(group.sent + rule.repeat, Why.REPEAT)
    return None


def quiet(rule: NotifyRule, now: float) -> bool:
    moment = datetime.fromtimestamp(now, UTC)
    return any(moment in hours.window for hours in rule.quiet)


def _heard(group: Group, rule: NotifyRule, now: float) -> tuple[Item, ...]:
    """Those that may be told at this hour."""
    if not quiet(rule, now):
        return group.items
    passing = rule.critical_passes
    return tuple(item for item in group.items if passing and item.notice.severity == "critical")


def _counts(group: Group, rule: NotifyRule, now: float) -> bool:
    return bool(group.more) and not quiet(rule, now)


def _news(item: Item, rule: NotifyRule) -> tuple[float, ...]:
    """Since when it is news that this came, or ended."""
    if not item.told:
        return (item.came,)
    return (item.ended,) if item.ended_by and rule.resolved else ()


def send(
    groups: Mapping[str, Group], rules: Mapping[str, NotifyRule], now: float
) -> tuple[Groups, tuple[Sending, ...]]:
    """The groups, with a message under way in each whose time has come."""
    found, made = dict(groups), []
    for key, group in groups.items():
        rule = rules.get(group.rule)
        when = due(group, rule, now) if rule else None
        if rule is None or when is None or when.at > now:
            continue
        sending = _sending(group, rule, when.why, now)
        found[key] = replace(group, sending=sending, number=group.number + 1)
        made.append(sending)
    return found, tuple(made)


def _sending(group: Group, rule: NotifyRule, why: Why, now: float) -> Sending:
    """All that holds, what is new, and what ended since it was told."""
    items = _heard(group, rule, now)
    if why is Why.NEWS:
        opened = tuple(item.notice for item in items if not item.told)
    else:
        opened = tuple(item.notice for item in items if not item.told or item.holds)
    ended = tuple(
        Ended(notice=item.notice, by=item.ended_by)
        for item in items
        if item.ended_by is not None and rule.resolved
    )
    gone = {each.notice.id for each in ended}
    opened = tuple(each for each in opened if each.id not in gone)
    return Sending(
        id=sending_id(group, now, (*opened, *(each.notice for each in ended))),
        at=now, rule=rule.name, receiver=group.receiver, why=why, labels=group.labels,
        opened=opened, ended=ended, digest=rule.digest,
        more=group.more if _counts(group, rule, now) else {},
    )  # fmt: skip


def sent(group: Group, now: float) -> Group:
    """Its message is done: what lasts stays as told, the rest goes."""
    sending = group.sending
    if sending is None:
        return group
    opened = {each.id for each in sending.opened}
    gone = {each.notice.id for each in sending.ended}
    fresh = {(each.type, each.subject) for each in sending.opened if each.lasts}
    kept = []
    for item in group.items:
        told = replace(item, told=True) if item.notice.id in opened else item
        if item.notice.id in gone or (item.notice.id in opened and not item.notice.lasts):
            continue
        about = (item.notice.type, item.notice.subject)
        if item.holds and item.notice.id not in opened and about in fresh:
            continue  # a newer one of the same stands for it
        kept.append(told)
    left = {name: n - sending.more.get(name, 0) for name, n in group.more.items()}
    more = {name: n for name, n in left.items() if n > 0}
    return replace(
        group, items=tuple(kept), more=more, more_since=now if more else 0.0, sent=now, sending=None
    )


def tidy(
    groups: Mapping[str, Group], rules: Mapping[str, NotifyRule], now: float, keep: float
) -> Groups:
    """Without ends that nobody is told of, what nobody ended in `keep` seconds, and empty groups.

    A group of a rule that is no more goes, with what waits in it.
    """
    found: Groups = {}
    for key, group in groups.items():
        rule = rules.get(group.rule)
        if rule is None or group.receiver not in rule.receivers:
            continue
        items = tuple(item for item in group.items if _stays(item, rule, now, keep))
        if items or group.more or group.sending or group.sent + rule.group_interval > now:
            found[key] = group if items == group.items else replace(group, items=items)
    return found


def _stays(item: Item, rule: NotifyRule, now: float, keep: float) -> bool:
    if not item.told:
        return True
    if item.ended_by is not None:
        return rule.resolved
    return item.came + keep > now
