"""What a node's own watch tells of what it writes. Pure; the ids are given when it is written."""

from collections.abc import Mapping

import msgspec

from bootstrapper.fleet.events import FleetEvent, Kind
from bootstrapper.fleet.layouts import Layout, readable
from bootstrapper.fleet.values import Fleet, Health, Instance, Signal


def shown_before(
    known: Instance | None, fleet: Fleet, layouts: tuple[Layout, ...]
) -> Mapping[str, str]:
    return readable(layouts, known, serves=fleet.serves(known)) if known else {}


def with_keys(event: FleetEvent, before: Mapping[str, str], after: Mapping[str, str]) -> FleetEvent:
    """What readers see change, rather than what is written to be sure."""
    put = tuple(sorted(key for key, value in after.items() if before.get(key) != value))
    deleted = tuple(sorted(before.keys() - after.keys()))
    return msgspec.structs.replace(event, put=put, deleted=deleted)


def change_of(
    known: Instance | None, fresh: Instance, signal: Signal, why: str, now: float
) -> FleetEvent:
    kind: Kind = "instance_changed"
    reason = signal.value
    if known is None:
        kind, reason = "instance_registered", f"offered by {fresh.source}"
    elif known.health is not fresh.health:
        match fresh.health:
            case Health.DRAINING:
                kind = "instance_draining"
            case Health.PASSING:
                kind, signal, reason = "instance_passing", Signal.CHECK, why
            case _:
                kind, signal, reason = "instance_failing", Signal.CHECK, why
    return event_of(kind, fresh.node, signal, reason, now, fresh)


def event_of(
    kind: Kind,
    node: str,
    signal: Signal,
    reason: str,
    now: float,
    instance: Instance | None = None,
) -> FleetEvent:
    return FleetEvent(
        id="", at=now, kind=kind, node=node, signal=signal, reason=reason, by=node,
        instance=instance.id if instance else "", service=instance.service if instance else "",
    )  # fmt: skip
