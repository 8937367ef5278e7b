"""Why something of the fleet is as it is: from the symptom to its first cause. Pure.

What holds now comes first; then what happened, the latest first, back to the moment when it was
well the last time; what an event names as its cause goes with it, whatever it is about.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain as joined
from typing import Literal

import msgspec

from bootstrapper.errors import Unknown
from bootstrapper.fleet.events import FleetEvent
from bootstrapper.fleet.present import Fact, of_instance, of_node
from bootstrapper.fleet.telling import told
from bootstrapper.fleet.values import Fleet, Instance
from bootstrapper.nearest import nearest

WELL = frozenset(
    ("node_joined", "node_returned", "node_released", "instance_registered", "instance_passing")
) | {"instance_returned"}
ILL = frozenset(
    ("node_suspected", "node_failed", "node_left", "node_removed", "node_held", "node_kept_out")
) | {"instance_failing", "instance_draining", "instance_withdrawn", "instance_removed"}
MOST = 200
"""Steps of a chain."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """`event`: the id of what happened; "": it is so now. `at`: Unix time; 0: not known."""

    at: float
    text: str
    event: str = ""
    kind: str = ""
    signal: str = ""


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """`well`: whether it is as it should be. `verdict`: the symptom, or why there is none."""

    name: str
    of: Literal["node", "instance", "service"]
    well: bool
    verdict: str
    steps: tuple[Step, ...]


def why(name: str, events: Sequence[FleetEvent], fleet: Fleet, now: float) -> Chain:
    """`events` in their order, the oldest first; `now`: Unix time. Raises Unknown."""
    if name in fleet.nodes:
        return _of_node(name, events, fleet, now)
    if found := _instances(name, fleet):
        return _of_instances(name, found, events, fleet, now)
    return _gone(name, events, fleet)


def _of_node(name: str, events: Sequence[FleetEvent], fleet: Fleet, now: float) -> Chain:
    facts = of_node(fleet.nodes[name], fleet, now)
    own = [each for each in events if each.node == name and not _is_instances(each)]
    steps = _story(own, events, well=facts.well)
    return _chain(name, "node", facts.well, facts.verdict, facts.steps, steps)


def _of_instances(
    name: str,
    found: Sequence[Instance],
    events: Sequence[FleetEvent],
    fleet: Fleet,
    now: float,
) -> Chain:
    facts = {each.key: of_instance(each, fleet, now) for each in found}
    bad = [each for each in found if not facts[each.key].well]
    shown = bad or list(found)[:1]
    stories = joined.from_iterable(
        _story(_about(each, events), events, well=facts[each.key].well) for each in shown
    )
    state = [fact for each in shown for fact in facts[each.key].steps]
    if len(found) == 1 and name != found[0].service:
        return _chain(name, "instance", not bad, facts[found[0].key].verdict, state, stories)
    verdict = f"{len(found) - len(bad)} of {len(found)} instances of {name} get traffic"
    if bad:
        verdict += ": " + "; ".join(facts[each.key].verdict for each in bad[:5])
    kind: Literal["service", "instance"] = "service" if _is_service(name, found) else "instance"
    return _chain(name, kind, not bad, verdict, state, stories)


def _gone(name: str, events: Sequence[FleetEvent], fleet: Fleet) -> Chain:
    """What is no more: its last events are the answer."""
    own = [each for each in events if name in _names_of(each)]
    if not own:
        known = {*fleet.nodes, *fleet.instances} | {
            each for found in fleet.instances.values() for each in (found.id, found.service)
        }
        raise Unknown(f"nothing is called {name!r}{nearest(name, sorted(known))}", field="name")
    last = own[-1]
    kind: Literal["node", "instance"] = "instance" if last.instance else "node"
    verdict = f"{name} is not registered: {told(last)}"
    return _chain(name, kind, False, verdict, (), _story(own, events, well=False))


def _chain(
    name: str,
    kind: Literal["node", "instance", "service"],
    well: bool,
    verdict: str,
    state: Sequence[Fact],
    story: Iterator[Step] | Sequence[Step],
) -> Chain:
    first = [Step(at=at, text=text) for at, text in state]
    happened = {step.event: step for step in story}
    latest = sorted(happened.values(), key=lambda step: (step.at, step.event), reverse=True)
    steps = tuple([*first, *latest][:MOST])
    return Chain(name=name, of=kind, well=well, verdict=verdict, steps=steps)


def _story(
    own: Sequence[FleetEvent], events: Sequence[FleetEvent], *, well: bool
) -> Iterator[Step]:
    """One that is well: what made it so, and what went before that."""
    by_id = {each.id: each for each in events}
    for event in _episode(own, well=well):
        for each in (event, *_causes(event, by_id)):
            yield Step(
                at=each.at, text=told(each), event=each.id, kind=each.kind,
                signal=each.signal.value,
            )  # fmt: skip


def _episode(own: Sequence[FleetEvent], *, well: bool) -> Iterator[FleetEvent]:
    ill = False
    for event in reversed(own):
        good = event.kind in WELL
        yield event
        if good and (ill or not well):
            return
        ill = ill or event.kind in ILL


def _causes(event: FleetEvent, by_id: Mapping[str, FleetEvent]) -> Iterator[FleetEvent]:
    seen = {event.id}
    while (found := by_id.get(event.cause)) and found.id not in seen:
        seen.add(found.id)
        yield found
        event = found


def _about(instance: Instance, events: Sequence[FleetEvent]) -> list[FleetEvent]:
    """Of it, and of its node as far as that is about all that runs there."""
    return [
        each for each in events
        if each.node == instance.node and each.instance in ("", instance.id)
        and each.kind != "leader_elected"
    ]  # fmt: skip


def _is_instances(event: FleetEvent) -> bool:
    return bool(event.instance) and event.kind.startswith("instance_")


def _instances(name: str, fleet: Fleet) -> tuple[Instance, ...]:
    """By `node/id`, by service, by id, by the host it runs as, or by its container."""
    if name in fleet.instances:
        return (fleet.instances[name],)
    every = fleet.instances.values()
    for found in (
        tuple(each for each in every if each.service == name),
        tuple(each for each in every if each.id == name),
        tuple(each for each in every if each.host == name),
        tuple(each for each in every if each.source == "docker" and name == _middle(each.id)),
    ):
        if found:
            return found
    return ()


def _middle(identity: str) -> str:
    """The container's name in an id of Docker's: `host:container:port`."""
    match identity.split(":"):
        case [_, name, _, *_]:
            return name
    return ""


def _is_service(name: str, found: Sequence[Instance]) -> bool:
    return all(each.service == name for each in found)


def _names_of(event: FleetEvent) -> tuple[str, ...]:
    if not event.instance:
        return (event.node,)
    whole = f"{event.node}/{event.instance}"
    return (whole, event.instance, event.service, _middle(event.instance))
