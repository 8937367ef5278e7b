"""What is so now of a node or an instance, and whether that is well: the first steps of a `why`.

Pure. Each fact has the Unix time since when it is so; 0 where nobody knows.
"""

from collections.abc import Iterator
from typing import NamedTuple

from bootstrapper.fleet.standing import Standing, standing
from bootstrapper.fleet.telling import because
from bootstrapper.fleet.values import Fleet, Health, Held, Instance, Mark, Node

Fact = tuple[float, str]


class Facts(NamedTuple):
    well: bool
    verdict: str
    steps: list[Fact]


def of_node(node: Node, fleet: Fleet, now: float) -> Facts:
    stands = standing(node, fleet)
    mark = fleet.marks.get(node.name)
    steps = [*_marked(node.name, mark, now), *_held(node.name, fleet.held.get(node.name))]
    if node.source == "watch":
        heard = node.name in fleet.alive
        steps.append((0.0, "its lease is kept" if heard else "its lease is gone"))
    if said := fleet.said.get(node.name):
        steps.append((said.at, f"serf told {said.by or 'a handler'} of {said.event}"))
    if flaps := fleet.flaps.get(node.name):
        steps.append((flaps[-1], f"it went {len(flaps)} times lately"))
    well = stands is Standing.ALIVE
    because = f": {mark.reason}" if mark else ""
    verdict = f"{node.name} is {stands.value}{because}"
    if well and fleet.held.get(node.name):
        verdict += ", though its removal is held"
    return Facts(well, verdict, steps)


def of_instance(instance: Instance, fleet: Fleet, now: float) -> Facts:
    mark = fleet.mark_of(instance)
    name = f"{instance.service} {instance.key}"
    own = fleet.marks.get(instance.key)
    steps = [*_marked(instance.key if own else instance.node, mark, now)]
    for key in (instance.key, instance.node):
        steps += _held(key, fleet.held.get(key))
    steps.append((instance.since, f"{name} is {instance.health.value}"))
    if instance.node in fleet.nodes and instance.node not in fleet.alive:
        steps.append((0.0, f"the lease of {instance.node} is gone"))
    if fleet.serves(instance):
        return Facts(True, f"{name} gets traffic: it passes, and nothing is marked", steps)
    if instance.health is not Health.PASSING:
        return Facts(False, f"{name} gets no traffic: it is {instance.health.value}", steps)
    reason = mark.reason if mark else ""
    return Facts(False, f"{name} gets no traffic: {reason}", steps)


def _marked(name: str, mark: Mark | None, now: float) -> Iterator[Fact]:
    if mark is None:
        return
    by = f" by {mark.by}" if mark.by else ""
    text = f"{name} was marked{by}: {because(mark.signal, mark.reason)}"
    if mark.until > now:
        text += f"; it may come back in {mark.until - now:.0f} s"
    yield mark.since, text


def _held(name: str, held: Held | None) -> Iterator[Fact]:
    if held is None:
        return
    answer = f", {held.answer} by {held.by}" if held.answer else ""
    ask = "" if held.answer else f"; `bootstrapper fleet confirm {name}`, or refuse"
    text = f"its removal is held by {held.rule}{answer}: {because(held.signal, held.reason)}{ask}"
    yield held.since, text
