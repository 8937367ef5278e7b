"""How a node stands: what its record, its lease and its mark come to, in one word. Pure."""

from enum import Enum

from bootstrapper.fleet.values import Fleet, Held, Instance, Node, Signal, State


class Standing(Enum):
    ALIVE = "alive"
    SILENT = "silent"
    """Its lease is gone, and nobody has judged that yet."""
    DRAINED = "drained"
    KEPT_OUT = "kept out"
    DOWN = "down"
    LEFT = "left"


def standing(node: Node, fleet: Fleet) -> Standing:
    mark = fleet.marks.get(node.name)
    if node.state is State.LEFT or (mark and mark.signal is Signal.LEFT):
        return Standing.LEFT
    if mark is not None:
        words = {Signal.OPERATOR: Standing.DRAINED, Signal.FLAPPING: Standing.KEPT_OUT}
        return words.get(mark.signal, Standing.DOWN)
    if node.state is State.FAILED:
        return Standing.DOWN
    if node.source == "watch" and node.name not in fleet.alive:
        return Standing.SILENT
    return Standing.ALIVE


def held_of(instance: Instance, fleet: Fleet) -> Held | None:
    return fleet.held.get(instance.key) or fleet.held.get(instance.node)
