"""The judge: from what is seen, what is to be done, each with its reason.

Only nodes of which something is unsettled are looked at; a quiet fleet costs a few comparisons of
sets, however large it is. The same inputs give the same verdicts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bootstrapper.fleet.judging.brakes import Budget
from bootstrapper.fleet.judging.guessing import guess
from bootstrapper.fleet.judging.repairing import repair
from bootstrapper.fleet.judging.seen import ALIVE, Seen
from bootstrapper.fleet.judging.settling import admissible, settle, settle_instance
from bootstrapper.fleet.judging.standing import Found, Standing, due, find
from bootstrapper.fleet.judging.verdicts import (
    Admit,
    Lift,
    Release,
    Remove,
    Rule,
    Target,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Judged:
    """`ask`: what must be asked before all is said; judge again with the answers."""

    verdicts: tuple[Verdict, ...] = ()
    ask: tuple[Target, ...] = ()


def judge(seen: Seen) -> Judged:
    found = {name: find(name, seen) for name in sorted(unsettled(seen))}
    budget = Budget(seen)
    verdicts = list(_settled(found, seen, budget))
    if seen.learning:
        return Judged(tuple(each for each in verdicts if _may_be_early(each)))
    verdicts += guess(found, seen, budget)
    verdicts += repair(seen, frozenset(map(subject, verdicts)))
    return Judged(tuple(verdicts), _ask(found, seen))


def unsettled(seen: Seen) -> set[str]:
    """Nodes that one of the witnesses does not call alive, or of which a record says so."""
    fleet = seen.fleet
    names = (fleet.nodes.keys() | seen.index.of_node.keys()) - fleet.alive.keys()
    names |= {name.partition("/")[0] for name in (*fleet.marks, *fleet.held)}
    names |= fleet.flaps.keys() & fleet.nodes.keys()
    others = {name for name, status in (seen.members or {}).items() if status not in ALIVE}
    others |= fleet.said.keys()
    return names | {
        name for name in others - names if name in fleet.nodes or admissible(name, seen)
    }


def subject(verdict: Verdict) -> str:
    return verdict.node.name if isinstance(verdict, Admit) else verdict.name


def _settled(found: Mapping[str, Found], seen: Seen, budget: Budget) -> Iterator[Verdict]:
    removed = set()
    for name, each in found.items():
        for verdict in settle(name, each, seen, budget):
            if isinstance(verdict, Remove):
                removed.add(name)
            yield verdict
    marked = {name for name in (*seen.fleet.marks, *seen.fleet.held) if "/" in name}
    for key in sorted(marked):
        node = key.partition("/")[0]
        if node not in removed:
            yield from settle_instance(key, found[node], seen)


def _may_be_early(verdict: Verdict) -> bool:
    """Who has not learned yet adds, and does what an operator said."""
    match verdict:
        case Lift() | Release() | Admit():
            return True
        case Remove(rule=rule):
            return rule is Rule.OPERATOR
    return False


def _ask(found: Mapping[str, Found], seen: Seen) -> tuple[Target, ...]:
    """When one is asked, all that get traffic are: the quorum counts those that answer."""
    names = [name for name, each in found.items() if each.standing is Standing.ASKED]
    soon = {name for name in names if due(name, seen)}
    if soon:
        soon |= {name for name in names if name not in seen.fleet.marks}
    return tuple(target for name in names if name in soon for target in found[name].ask)
