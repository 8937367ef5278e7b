"""Reader's keys that two nodes show: they are the first's that serves, as the reconciler has it.

Without that each would put its own value there as often as the other does, and what goes last
would take the other's key along.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property

from bootstrapper.errors import Mistake
from bootstrapper.fleet.layouts import Layout, published, published_node
from bootstrapper.fleet.values import Fleet, Instance, Node, State

Rank = tuple[bool, str]
"""Whether it gets no traffic, and its name: the least may say what a key says."""


class Others:
    """Of a node's neighbours; looked at only where keys are to be written."""

    def __init__(self, fleet: Fleet, node: str, layouts: tuple[Layout, ...]) -> None:
        self._fleet = fleet
        self._node = node
        self._layouts = layouts

    def settle(
        self, shown: Mapping[str, str], keys: Iterable[str], mine: Rank
    ) -> tuple[dict[str, str], frozenset[str]]:
        """What to put and what to delete, of what one of ours shows and of all `keys` of it."""
        gone = frozenset(keys) - shown.keys()
        first = self._first
        put = {key: value for key, value in shown.items() if key not in first or mine < first[key]}
        for key in gone & first.keys():
            if not first[key][0] and (value := self._value(first[key][1], key)) is not None:
                put[key] = value
        return put, gone - put.keys()

    @cached_property
    def _first(self) -> dict[str, Rank]:
        found: dict[str, Rank] = {}
        fleet = self._fleet
        for name, each in fleet.instances.items():
            if each.node != self._node:
                _note(found, each.keys, (not fleet.serves(each), name))
        for name, node in fleet.nodes.items():
            if name != self._node:
                alive = node.state is State.ALIVE and name not in fleet.marks
                _note(found, node.keys, (not alive, name))
        return found

    def _value(self, name: str, key: str) -> str | None:
        of: Instance | Node = self._fleet.instances.get(name) or self._fleet.nodes[name]
        try:
            if isinstance(of, Instance):
                return published(self._layouts, of, serves=True).get(key)
            return published_node(self._layouts, of, alive=True).get(key)
        except Mistake:  # its owner tells
            return None


def _note(found: dict[str, Rank], keys: Iterable[str], rank: Rank) -> None:
    for key in keys:
        found[key] = min(rank, found.get(key, rank))
