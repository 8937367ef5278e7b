"""What a leader remembers from one turn to the next. Pure: each turn makes a new memory."""

import dataclasses
from collections.abc import Iterable, Mapping

from bootstrapper.fleet.events import FleetEvent
from bootstrapper.fleet.judging.brakes import removals
from bootstrapper.fleet.judging.seen import FAILED, LEFT, Members, Memory, Removal
from bootstrapper.fleet.judging.verdicts import MarkDown, Remove, Verdict
from bootstrapper.fleet.values import Fleet

MOST_REMOVED = 1000
"""Names of removed nodes that are remembered."""


def remember(
    memory: Memory,
    fleet: Fleet,
    members: Members | None,
    differs: Mapping[str, object],
    window: float,
    moment: float,
) -> Memory:
    """With what was seen at `moment`: since when which node is gone, and which key is wrong."""
    if not (memory.removals or memory.gone or memory.differs or differs or memory.asked):
        if not (gone := _gone(fleet, members)):
            return memory
    else:
        gone = _gone(fleet, members)
    return dataclasses.replace(
        memory,
        gone={name: memory.gone.get(name, moment) for name in gone},
        asked={name: at for name, at in memory.asked.items() if name in gone},
        differs={key: memory.differs.get(key, moment) for key in differs},
        removals=tuple(each for each in memory.removals if each.at > moment - window),
        removed=memory.removed - fleet.nodes.keys() if memory.removed else memory.removed,
    )


def _gone(fleet: Fleet, members: Members | None) -> set[str]:
    """Those that something says are gone: to be looked at."""
    gone = {
        name
        for name in fleet.nodes.keys() - fleet.alive.keys()
        if fleet.nodes[name].source == "watch"
    }
    gone |= {name for name, status in (members or {}).items() if status in (FAILED, LEFT)}
    words = ("member-failed", "member-leave", "member-reap")
    return gone | {
        name for name, said in fleet.said.items()
        if said.event in words and not (members and name in members)
    }  # fmt: skip


def asked(memory: Memory, nodes: Iterable[str], moment: float) -> Memory:
    return dataclasses.replace(memory, asked={**memory.asked, **dict.fromkeys(nodes, moment)})


def done(memory: Memory, verdict: Verdict, moment: float) -> Memory:
    """After a verdict was written."""
    match verdict:
        case MarkDown() if verdict.signal.guess:
            more = removals(verdict.takes, moment)
            return dataclasses.replace(memory, removals=(*memory.removals, *more))
        case Remove(name=name) if "/" not in name and len(memory.removed) < MOST_REMOVED:
            return dataclasses.replace(memory, removed=memory.removed | {name})
    return memory


def inherited(
    events: Iterable[FleetEvent], now: float, moment: float, window: float
) -> tuple[Removal, ...]:
    """What leaders before this one removed by guess within the window, as the events tell."""
    return tuple(
        Removal(moment - max(0.0, now - event.at), event.service, _name(event))
        for event in events
        if event.kind == "instance_withdrawn" and event.signal.guess
        and now - event.at < window
    )  # fmt: skip


def _name(event: FleetEvent) -> str:
    """Of what was taken out: an instance, or a key that a script wrote."""
    if event.instance:
        return f"{event.node}/{event.instance}"
    return next(iter(event.deleted), event.node)
