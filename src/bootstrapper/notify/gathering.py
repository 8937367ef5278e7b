"""A notice comes: into which groups it goes, and what it ends there. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from bootstrapper.notify.group import MOST, Group, Groups, Item, group_id
from bootstrapper.notify.matching import labels_of, rules_for
from bootstrapper.notify.notice import Notice
from bootstrapper.settings.notify import NotifyRule

Places = dict[tuple[str, str], list[str]]
"""Type and subject → ids of the groups that may hold such a notice."""


def gather(
    groups: Mapping[str, Group], notices: Sequence[Notice], rules: Sequence[NotifyRule], now: float
) -> Groups:
    """The groups as they are then; those that nothing changed in are the same values."""
    found = dict(groups)
    where = _places(groups)
    for notice in notices:
        told = _end(found, notice, now, where)
        if notice.only_ends:
            continue
        for rule in rules_for(notice, rules):
            for receiver in rule.receivers:
                if (rule.name, receiver) not in told:  # its coming is told as their end
                    where[_about(notice)].append(_add(found, notice, rule, receiver, now))
    return found


def _places(groups: Mapping[str, Group]) -> Places:
    where: Places = defaultdict(list)
    for key, group in groups.items():
        for item in group.items:
            where[_about(item.notice)].append(key)
    return where


def _about(notice: Notice) -> tuple[str, str]:
    return notice.type, notice.subject


def _end(groups: Groups, notice: Notice, now: float, where: Places) -> set[tuple[str, str]]:
    """By which rules and to whom it is told as an end."""
    told = set()
    abouts = [(kind, notice.subject) for kind in notice.ends]
    for key in dict.fromkeys(key for about in abouts for key in where.get(about, ())):
        group = groups[key]
        items = tuple(_ended(item, notice, now) for item in group.items)
        if items != group.items:
            groups[key] = replace(group, items=items)
            told.add((group.rule, group.receiver))
    return told


def _ended(item: Item, notice: Notice, now: float) -> Item:
    if item.ended_by is None and item.notice.is_ended_by(notice):
        return replace(item, ended_by=notice, ended=now)
    return item


def _add(groups: Groups, notice: Notice, rule: NotifyRule, receiver: str, now: float) -> str:
    """The group's id."""
    labels = labels_of(notice, rule)
    key = group_id(rule.name, receiver, labels)
    group = groups.get(key) or Group(rule=rule.name, receiver=receiver, labels=labels)
    groups[key] = _with(group, notice, now)
    return key


def _with(group: Group, notice: Notice, now: float) -> Group:
    for place, item in enumerate(group.items):
        if _says_again(item, notice):
            items = [*group.items]  # what waits to be told has waited since it first came
            items[place] = replace(item, came=now if item.told else item.came)
            return replace(group, items=tuple(items))
    if len(group.items) >= MOST:
        more = {**group.more, notice.type: group.more.get(notice.type, 0) + 1}
        return replace(group, more=more, more_since=group.more_since or now)
    return replace(group, items=(*group.items, Item(notice=notice, came=now)))


def _says_again(item: Item, notice: Notice) -> bool:
    if item.notice.id == notice.id:
        return True
    if item.ended_by is not None or item.notice.subject != notice.subject:
        return False
    return notice.lasts and item.notice.same_as(notice)
