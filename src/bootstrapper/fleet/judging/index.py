"""The fleet from its readers' side: which key should say what, and which keys are of nobody.

Made anew only when something changed; what an instance shows is made anew only when that instance
changed, so that a turn over thousands of them costs next to nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bootstrapper.errors import Mistake
from bootstrapper.fleet.judging.foreign import Foreign, Reading
from bootstrapper.fleet.layouts import Layout, published, published_node
from bootstrapper.fleet.values import Fleet, Instance, Node, State

Claim = tuple[bool, str, str | None]
"""Whether it gets no traffic, whose it is, the value (None: its owner alone knows)."""


@dataclass(frozen=True, slots=True)
class Pool:
    """How many instances a service has, and how many of them may get traffic."""

    total: int = 0
    serving: int = 0


@dataclass(frozen=True, slots=True)
class Index:
    of_node: Mapping[str, tuple[Instance, ...]]
    pools: Mapping[str, Pool]
    claims: Mapping[str, tuple[Claim, ...]]
    hidden: Mapping[str, str]
    """Keys that are not shown now → whose they are."""
    foreign: Mapping[str, tuple[Foreign, ...]]
    """Keys that scripts wrote, by the host or node that they are of."""
    differs: Mapping[str, tuple[str, str | None]]
    """Key → whose it is, and what it should say (None: it should not be there)."""
    shown: Mapping[str, "Shown"]
    """By the name of a node or `Instance.key`."""

    def winner(self, key: str, *, without: frozenset[str] = frozenset()) -> Claim | None:
        """Who may say what a key says, where two show the same one: the first that serves."""
        claims = self.claims.get(key, ())
        return min((each for each in claims if each[1] not in without), default=None)


Shown = tuple[Instance | Node, bool, Mapping[str, str | None], tuple[str, ...]]
"""What it is, whether it may get traffic, its keys now, and those that it does not show now."""


class Indexer:
    """`own`: the prefix of the records, which are no reader's keys."""

    def __init__(self, layouts: tuple[Layout, ...], own: str) -> None:
        self._layouts = layouts
        self._reading = Reading(layouts, own)
        self._shown: dict[str, Shown] = {}
        self._last: tuple[Fleet, int] | None = None
        self._index = Index({}, {}, {}, {}, {}, {}, {})

    def index(self, fleet: Fleet, values: Mapping[str, str], revision: int) -> Index:
        """`revision`: that of `values`; the same one means the same values."""
        if self._last is None or self._last[1] != revision or self._last[0] is not fleet:
            self._index = self._made(fleet, values)
            self._last = fleet, revision
        return self._index

    def _made(self, fleet: Fleet, values: Mapping[str, str]) -> Index:
        of_node: dict[str, list[Instance]] = {}
        counts: dict[str, list[int]] = {}
        claims: dict[str, tuple[Claim, ...]] = {}
        hidden: dict[str, str] = {}
        shown: dict[str, Shown] = {}
        for name, instance in fleet.instances.items():
            serves = fleet.serves(instance)
            of_node.setdefault(instance.node, []).append(instance)
            count = counts.setdefault(instance.service, [0, 0])
            count[0] += 1
            count[1] += serves
            shown[name] = self._look(name, instance, serves)
        for name, node in fleet.nodes.items():
            alive = name not in fleet.marks and node.state is State.ALIVE
            shown[name] = self._look(name, node, alive)
        for name, (_, serves, keys, not_shown) in shown.items():
            for key, value in keys.items():
                claims[key] = (*claims.get(key, ()), (not serves, name, value))
            for key in not_shown:
                hidden[key] = name
        self._shown = shown
        foreign = self._reading.foreign(values, claims, hidden, fleet)
        for each in (each for several in foreign.values() for each in several):
            if each.service:
                count = counts.setdefault(each.service, [0, 0])
                count[0] += 1
                count[1] += 1
        pools = {service: Pool(*count) for service, count in counts.items()}
        nodes = {name: tuple(each) for name, each in of_node.items()}
        differs = _differs(claims, hidden, values)
        return Index(nodes, pools, claims, hidden, foreign, differs, shown)

    def _look(self, name: str, of: Instance | Node, serves: bool) -> Shown:
        known = self._shown.get(name)
        if known is not None and known[0] is of and known[1] == serves:
            return known
        try:
            now, ever = self._published(of, serves), self._published(of, True)
        except Mistake:  # its owner tells
            now, ever = {}, {}
        own = of.keys or tuple(ever)
        keys: dict[str, str | None] = {key: value for key, value in now.items() if key in own}
        if serves:
            keys |= {key: None for key in own if key not in keys}
        return of, serves, keys, tuple(key for key in own if key not in keys)

    def _published(self, of: Instance | Node, serves: bool) -> dict[str, str]:
        if isinstance(of, Instance):
            return published(self._layouts, of, serves=serves)
        return published_node(self._layouts, of, alive=serves)


def _differs(
    claims: Mapping[str, tuple[Claim, ...]], hidden: Mapping[str, str], values: Mapping[str, str]
) -> dict[str, tuple[str, str | None]]:
    found: dict[str, tuple[str, str | None]] = {}
    for key, several in claims.items():
        _, name, value = several[0] if len(several) == 1 else min(several)
        if value is not None and values.get(key) != value:
            found[key] = name, value
    for key, name in hidden.items():
        if key in values and key not in claims:
            found[key] = name, None
    return found
