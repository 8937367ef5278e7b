"""A verdict as writes: what is put and deleted, what must still be as it was seen, and its events.

Pure; `perform` (fleet/performing.py) looks the keys up and writes. The first part of a plan decides
(a mark is put, a record goes); the others follow it as long as that still stands.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from bootstrapper.fleet.events import FleetEvent
from bootstrapper.fleet.judging.damping import remembered
from bootstrapper.fleet.judging.effects import Effects, lifted_with, restored, withdrawn
from bootstrapper.fleet.judging.seen import Seen
from bootstrapper.fleet.judging.telling import Teller
from bootstrapper.fleet.judging.verdicts import (
    Admit,
    Hold,
    KeepOut,
    Lift,
    MarkDown,
    Release,
    Remove,
    Repair,
    Rule,
    Verdict,
)
from bootstrapper.fleet.layouts import Layout
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.records import encode
from bootstrapper.fleet.values import Held, Mark, Signal
from bootstrapper.kv.store import Delete, Put, Write


@dataclass(slots=True)
class Plan:
    """`relied`: keys that every part needs unchanged; `guarded`: written ones that must be as they
    were seen too. `pivot`: the key of the first part that later parts hold on to."""

    pivot: str
    writes: dict[str, Write] = field(default_factory=dict)
    relied: set[str] = field(default_factory=set)
    guarded: set[str] = field(default_factory=set)
    events: tuple[FleetEvent, ...] = ()

    def put(self, key: str, value: str) -> None:
        self.writes[key] = Put(key, value)

    def delete(self, key: str, values: Mapping[str, str]) -> None:
        if key in values:
            self.writes[key] = Delete(key)

    def show(self, effects: Effects, values: Mapping[str, str]) -> None:
        for key, value in effects.put.items():
            if values.get(key) != value:
                self.put(key, value)
        for key in sorted(effects.delete):
            self.delete(key, values)


def plan(verdict: Verdict, seen: Seen, layouts: tuple[Layout, ...], tell: Teller) -> Plan:
    match verdict:
        case MarkDown():
            made = _mark_down(verdict, seen, layouts, tell.by)
        case KeepOut():
            made = _keep_out(verdict, seen, layouts, tell.by)
        case Lift():
            made = _lift(verdict, seen, layouts)
        case Remove():
            made = _remove(verdict, seen, layouts)
        case Hold():
            made = _hold(verdict, seen)
        case Release():
            made = Plan(seen.paths.held(verdict.name))
            made.delete(made.pivot, seen.values)
        case Admit():
            made = Plan(seen.paths.node(verdict.node.name))
            made.put(made.pivot, encode(verdict.node))
        case Repair():
            made = _repair(verdict, seen)
    name = verdict.node.name if isinstance(verdict, Admit) else verdict.name
    made.relied |= {made.pivot, *_records_of(name, seen.paths)}
    shown = {key for key in made.writes if not key.startswith(seen.paths.prefix)}
    made.events = tell.events(verdict, seen, {key: made.writes[key] for key in shown})
    for event in made.events:
        made.put(seen.paths.event(event.id), encode(event))
    return made


def _records_of(name: str, paths: Paths) -> set[str]:
    """What says something of it: a later registration, sign of life or mark breaks the guard."""
    node, slash, instance = name.partition("/")
    own = {paths.alive(node), paths.node(node), paths.mark(node), paths.said(node)}
    return own | ({paths.instance(node, instance), paths.mark(name)} if slash else set())


def _mark_down(verdict: MarkDown, seen: Seen, layouts: tuple[Layout, ...], by: str) -> Plan:
    name, paths = verdict.name, seen.paths
    made = Plan(paths.mark(name))
    mark = Mark(
        signal=verdict.signal, reason=verdict.reason.value, since=seen.now, until=verdict.until,
        by=by,
    )  # fmt: skip
    made.put(made.pivot, encode(mark))
    made.delete(paths.held(name), seen.values)
    _hide(made, name, seen, layouts)
    if "/" not in name:
        went = remembered(seen.fleet.flaps.get(name, ()), seen.now, seen.brakes)
        made.put(paths.flaps(name), encode(went))
    return made


def _hide(made: Plan, name: str, seen: Seen, layouts: tuple[Layout, ...]) -> None:
    made.show(withdrawn(seen.index, layouts, _whole(name, seen)), seen.values)
    foreign = {each.key: each.value for each in seen.index.foreign.get(name, ())}
    if foreign:
        path = seen.paths.withdrawn(name)
        made.put(path, encode(_withdrawn(path, seen) | foreign))
    for key in foreign:
        made.delete(key, seen.values)
        made.guarded.add(key)


def _keep_out(verdict: KeepOut, seen: Seen, layouts: tuple[Layout, ...], by: str) -> Plan:
    name = verdict.name
    made = Plan(seen.paths.mark(name))
    known = seen.fleet.marks.get(name)
    mark = known
    if mark is None or verdict.rule is Rule.FLAPS:
        mark = Mark(signal=verdict.signal, reason=verdict.reason.value, since=seen.now, by=by)
    if known is None:
        _hide(made, name, seen, layouts)
    made.put(made.pivot, encode(msgspec.structs.replace(mark, until=verdict.until)))
    return made


def _lift(verdict: Lift, seen: Seen, layouts: tuple[Layout, ...]) -> Plan:
    name, fleet, index = verdict.name, seen.fleet, seen.index
    made = Plan(seen.paths.mark(name))
    made.delete(made.pivot, seen.values)
    made.show(restored(index, layouts, lifted_with(fleet, index, name)), seen.values)
    path = seen.paths.withdrawn(name)
    if "/" not in name and path in seen.values:
        for key, value in _withdrawn(path, seen).items():
            if key not in seen.values and key not in made.writes:
                made.put(key, value)
                made.guarded.add(key)
        made.delete(path, seen.values)
    return made


def _remove(verdict: Remove, seen: Seen, layouts: tuple[Layout, ...]) -> Plan:
    name, paths, values = verdict.name, seen.paths, seen.values
    node, slash, instance = name.partition("/")
    made = Plan(paths.instance(node, instance) if slash else paths.node(node))
    made.delete(made.pivot, values)
    made.show(withdrawn(seen.index, layouts, _whole(name, seen), removed=True), values)
    for key in (paths.mark(name), paths.held(name)):
        made.delete(key, values)
    if slash:
        return made
    for each in seen.index.of_node.get(node, ()):
        made.delete(paths.instance(node, each.id), values)
        made.delete(paths.mark(each.key), values)
        made.delete(paths.held(each.key), values)
    for key in (paths.said(node), paths.withdrawn(node)):
        made.delete(key, values)
    for foreign in seen.index.foreign.get(node, ()):
        made.delete(foreign.key, values)
        made.guarded.add(foreign.key)
    if verdict.signal is Signal.LEFT and node in seen.fleet.nodes:
        went = remembered(seen.fleet.flaps.get(node, ()), seen.now, seen.brakes)
        made.put(paths.flaps(node), encode(went))
    elif verdict.rule is Rule.DOWN_FOR:
        made.delete(paths.flaps(node), values)
    return made


def _hold(verdict: Hold, seen: Seen) -> Plan:
    made = Plan(seen.paths.held(verdict.name))
    held = Held(
        name=verdict.name, signal=verdict.signal, reason=verdict.reason.value,
        rule=verdict.rule.value, since=seen.now,
    )  # fmt: skip
    made.put(made.pivot, encode(held))
    return made


def _repair(verdict: Repair, seen: Seen) -> Plan:
    made = Plan(next(iter(verdict.keys)))
    for key, value in verdict.keys.items():
        made.guarded.add(key)
        if value is None:
            made.delete(key, seen.values)
        else:
            made.put(key, value)
    return made


def _whole(name: str, seen: Seen) -> tuple[str, ...]:
    return (name, *(each.key for each in seen.index.of_node.get(name, ())))


def _withdrawn(path: str, seen: Seen) -> dict[str, str]:
    """Any bytes, as scripts wrote them: msgspec reads UTF-8 alone."""
    try:
        return msgspec.convert(json.loads(seen.values.get(path) or "{}"), dict[str, str])
    except (ValueError, RecursionError):
        return {}
