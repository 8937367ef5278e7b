"""How the fleet looks in the API's JSON. Times are RFC 3339 in UTC, "" where nobody knows."""

from datetime import UTC, datetime
from typing import Any

from bootstrapper.api.views import View
from bootstrapper.clock import to_text
from bootstrapper.fleet import chain
from bootstrapper.fleet.events import FleetEvent
from bootstrapper.fleet.standing import held_of, standing
from bootstrapper.fleet.telling import told
from bootstrapper.fleet.values import Fleet, Held, Instance, Mark, Node


class MarkView(View, frozen=True, kw_only=True):
    """Why it gets no traffic though it is registered. `until`: when it may come back."""

    signal: str
    reason: str
    since: str
    by: str
    until: str


class HeldView(View, frozen=True, kw_only=True):
    """A removal that a brake (`rule`) holds. `answer`: confirmed, refused or ""."""

    name: str
    signal: str
    reason: str
    rule: str
    since: str
    answer: str
    by: str


class HeldsView(View, frozen=True, kw_only=True):
    held: tuple[HeldView, ...]


class NodeView(View, frozen=True, kw_only=True):
    """`state`: alive, silent, drained, kept out, down or left."""

    name: str
    address: str
    cluster: str
    role: str
    state: str
    since: str
    source: str
    tags: dict[str, str]
    mark: MarkView | None
    held: HeldView | None


class NodesView(View, frozen=True, kw_only=True):
    nodes: tuple[NodeView, ...]


class InstanceView(View, frozen=True, kw_only=True):
    """`serves`: whether traffic may go to it. `mark`: its own or its node's."""

    service: str
    id: str
    node: str
    address: str
    port: int
    health: str
    serves: bool
    since: str
    host: str
    cluster: str
    tags: tuple[str, ...]
    weight: int
    source: str
    keys: tuple[str, ...]
    mark: MarkView | None
    held: HeldView | None


class FleetView(View, frozen=True, kw_only=True):
    """`leader`: which watch reconciles; `revision`: grows with each change of the store."""

    revision: int
    leader: str
    nodes: tuple[NodeView, ...]
    instances: tuple[InstanceView, ...]
    held: tuple[HeldView, ...]


class ServiceView(View, frozen=True, kw_only=True):
    name: str
    instances: int
    serving: int
    clusters: tuple[str, ...]


class ServicesView(View, frozen=True, kw_only=True):
    services: tuple[ServiceView, ...]


class InstancesView(View, frozen=True, kw_only=True):
    service: str
    instances: tuple[InstanceView, ...]


class RegisteredView(View, frozen=True, kw_only=True):
    """`watched`: its node's watch takes it up; else it stands as it is, and `note` says why."""

    service: str
    id: str
    node: str
    address: str
    port: int
    ttl: float
    watched: bool
    note: str


class FleetEventView(View, frozen=True, kw_only=True):
    """`text` says all of it in one sentence; `cause`: the id of the event that led to it."""

    id: str
    at: str
    kind: str
    text: str
    node: str
    instance: str
    service: str
    signal: str
    reason: str
    by: str
    cause: str
    put: tuple[str, ...]
    deleted: tuple[str, ...]


class FleetEventsView(View, frozen=True, kw_only=True):
    events: tuple[FleetEventView, ...]


class StepView(View, frozen=True, kw_only=True):
    """`event` "": it is so now."""

    at: str
    text: str
    event: str
    kind: str
    signal: str


class ChainView(View, frozen=True, kw_only=True):
    """From the symptom to its first cause. `of`: node, instance or service."""

    name: str
    of: str
    well: bool
    verdict: str
    steps: tuple[StepView, ...]


def time_text(at: float) -> str:
    return to_text(datetime.fromtimestamp(at, UTC)) if at else ""


def mark_view(mark: Mark | None) -> MarkView | None:
    if mark is None:
        return None
    return MarkView(
        signal=mark.signal.value, reason=mark.reason, since=time_text(mark.since), by=mark.by,
        until=time_text(mark.until),
    )  # fmt: skip


def held_view(held: Held) -> HeldView:
    return HeldView(
        name=held.name, signal=held.signal.value, reason=held.reason, rule=held.rule,
        since=time_text(held.since), answer=held.answer, by=held.by,
    )  # fmt: skip


def node_view(node: Node, fleet: Fleet) -> NodeView:
    held = fleet.held.get(node.name)
    return NodeView(
        name=node.name, address=node.address, cluster=node.cluster, role=node.role,
        state=standing(node, fleet).value, since=time_text(node.since), source=node.source,
        tags=node.tags, mark=mark_view(fleet.marks.get(node.name)),
        held=held_view(held) if held else None,
    )  # fmt: skip


def instance_view(instance: Instance, fleet: Fleet) -> InstanceView:
    held = held_of(instance, fleet)
    return InstanceView(
        service=instance.service, id=instance.id, node=instance.node, address=instance.address,
        port=instance.port, health=instance.health.value, serves=fleet.serves(instance),
        since=time_text(instance.since), host=instance.host, cluster=instance.cluster,
        tags=instance.tags, weight=instance.weight, source=instance.source, keys=instance.keys,
        mark=mark_view(fleet.mark_of(instance)), held=held_view(held) if held else None,
    )  # fmt: skip


def helds(fleet: Fleet) -> tuple[HeldView, ...]:
    return tuple(held_view(each) for _, each in sorted(fleet.held.items()))


def by_service(instance: Instance) -> tuple[str, str]:
    return instance.service, instance.key


def fleet_view(fleet: Fleet, leader: str) -> FleetView:
    return FleetView(
        revision=fleet.revision, leader=leader, held=helds(fleet),
        nodes=tuple(node_view(each, fleet) for _, each in sorted(fleet.nodes.items())),
        instances=tuple(
            instance_view(each, fleet) for each in sorted(fleet.instances.values(), key=by_service)
        ),
    )  # fmt: skip


def services_view(fleet: Fleet) -> ServicesView:
    found: dict[str, list[Instance]] = {}
    for each in fleet.instances.values():
        found.setdefault(each.service, []).append(each)
    return ServicesView(
        services=tuple(
            ServiceView(
                name=name, instances=len(them), serving=sum(map(fleet.serves, them)),
                clusters=tuple(sorted({each.cluster for each in them if each.cluster})),
            )
            for name, them in sorted(found.items())
        )
    )  # fmt: skip


def event_view(event: FleetEvent) -> FleetEventView:
    fields: dict[str, Any] = {
        name: getattr(event, name)
        for name in ("id", "kind", "node", "instance", "service", "reason", "by", "cause")
    }
    return FleetEventView(
        **fields, at=time_text(event.at), text=told(event), signal=event.signal.value,
        put=event.put, deleted=event.deleted,
    )  # fmt: skip


def chain_view(found: chain.Chain) -> ChainView:
    return ChainView(
        name=found.name, of=found.of, well=found.well, verdict=found.verdict,
        steps=tuple(
            StepView(at=time_text(x.at), text=x.text, event=x.event, kind=x.kind, signal=x.signal)
            for x in found.steps
        ),
    )  # fmt: skip
