"""How much may be removed by guess: a side with enough of the fleet, a share, a floor."""

import math
from collections import Counter
from collections.abc import Iterable

from bootstrapper.fleet.judging.seen import ALIVE, Removal, Seen
from bootstrapper.fleet.judging.standing import serf_says
from bootstrapper.fleet.judging.verdicts import Reason, Rule

Taken = tuple[tuple[str, str], ...]
"""(service, target) of what gets traffic until now."""
FEWEST = 2
"""Nodes whose failure together may be more than their own: one that fails is one that failed."""


def has_quorum(seen: Seen, answering: Iterable[str]) -> bool:
    """Whether this side sees its share of the registered nodes alive, by leases and by serf.

    `answering`: without a lease, but heard. Of a node that serf alone knows, serf's word counts;
    and a leader whose own agent sees nobody is the one that is cut off.
    """
    nodes, share = seen.fleet.nodes, seen.brakes.quorum
    alive = set(answering) | (seen.fleet.alive.keys() & nodes.keys())
    alive |= {
        name
        for name in nodes.keys() - seen.fleet.alive.keys()
        if nodes[name].source == "serf" and serf_says(name, seen) == ALIVE[0]
    }
    if len(alive) < share * len(nodes):
        return False
    known = {name: status for name, status in (seen.members or {}).items() if name in nodes}
    seen_by_serf = sum(status in ALIVE for status in known.values())
    gone = sum(status == "left" for status in known.values())
    return seen_by_serf >= share * (len(known) - gone)


def too_many_failed(seen: Seen, failing: Iterable[str]) -> frozenset[str]:
    """The clusters of which so much fails within a window that a guess is no longer believed.

    `failing`: nodes that are guessed to have failed and still get traffic; those that were marked
    within the window count too.
    """
    nodes, since = seen.fleet.nodes, seen.moment - seen.brakes.window
    failed = {name for name in failing if seen.memory.gone.get(name, seen.moment) >= since}
    failed |= {
        name
        for name, mark in seen.fleet.marks.items()
        if mark.signal.guess and name in nodes and mark.since > seen.now - seen.brakes.window
    }
    sizes = Counter(node.cluster for node in nodes.values())
    per = Counter(nodes[name].cluster for name in failed if name in nodes)
    return frozenset(
        cluster
        for cluster, count in per.items()
        if count >= max(FEWEST, seen.brakes.hold_share * sizes[cluster])
    )


class Budget:
    """What is left to be removed by guess, service by service, as one turn spends it."""

    def __init__(self, seen: Seen) -> None:
        self._brakes = seen.brakes
        self._pools = seen.index.pools
        since = seen.moment - seen.brakes.window
        self._spent: dict[str, set[str]] = {}
        for each in seen.memory.removals:
            if each.at > since:
                self._spent.setdefault(each.service, set()).add(each.name)
        self._taken: Counter[str] = Counter()

    def refusal(self, taken: Taken) -> tuple[Rule, Reason] | None:
        """Why all of these cannot go; None: they can."""
        if not self.keeps_floor(taken):
            return Rule.FLOOR, Reason.FLOOR
        for service in {service for service, _ in taken}:
            names = {name for of, name in taken if of == service}
            if len(self._spent.get(service, set()) | names) > self._most(service):
                return Rule.BRAKE, Reason.BRAKE
        return None

    def spend(self, taken: Taken) -> None:
        for service, name in taken:
            self._spent.setdefault(service, set()).add(name)
            self._taken[service] += 1

    def keeps_floor(self, taken: Taken = (), *, of: Iterable[str] = ()) -> bool:
        """Whether enough is left of each of these services when `taken` goes."""
        going = Counter(service for service, _ in taken)
        return all(
            self._left(service) - going[service] >= self._floor(service)
            for service in {*going, *of}
        )

    def _left(self, service: str) -> int:
        pool = self._pools.get(service)
        return (pool.serving if pool else 0) - self._taken[service]

    def _floor(self, service: str) -> int:
        return self._brakes.floors.get(service, self._brakes.min_instances)

    def _most(self, service: str) -> int:
        pool = self._pools.get(service)
        return max(1, math.floor(self._brakes.share * (pool.total if pool else 0) + 1e-9))


def removals(taken: Taken, moment: float) -> tuple[Removal, ...]:
    return tuple(Removal(moment, service, name) for service, name in taken)
