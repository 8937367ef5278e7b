"""How a node stands by what its witnesses say: its lease, serf, its ports, its checks, a proxy.

One witness alone takes nobody out of rotation: a lost lease needs ports that are silent (or none to
ask), serf's word needs any other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from bootstrapper.fleet.judging.seen import ALIVE, FAILED, LEFT, Seen
from bootstrapper.fleet.judging.verdicts import Reason, Target
from bootstrapper.fleet.values import Health, Signal, State

AGAIN = 1.0
"""Seconds between questions to the same node."""


class Standing(Enum):
    LIVES = "it lives"
    DOUBTED = "something says that it failed, and something that it lives"
    ASKED = "its ports say"
    FAILED = "guessed to have failed"
    DECLARED = "it left, by its own word"
    UNKNOWN = "nobody says anything of it"


@dataclass(frozen=True, slots=True)
class Found:
    standing: Standing
    signal: Signal = Signal.RETURNED
    reason: Reason = Reason.BACK
    ask: tuple[Target, ...] = ()


LIVES, UNKNOWN = Found(Standing.LIVES), Found(Standing.UNKNOWN)


def find(name: str, seen: Seen) -> Found:
    node = seen.fleet.nodes.get(name)
    serf = serf_says(name, seen)
    if name in seen.fleet.alive:
        return _with_lease(name, seen) if serf == FAILED else LIVES
    if node is None and not serf and _of_scripts(name, seen):
        return LIVES
    if node.source == "watch" if node is not None else name in seen.index.of_node:
        if node is not None and node.state is State.LEFT:
            return Found(Standing.DECLARED, Signal.LEFT, Reason.LEFT)
        return _without_lease(name, seen, left=serf == LEFT)
    match serf:
        case "alive":
            return LIVES
        case "left":
            return Found(Standing.DECLARED, Signal.LEFT, Reason.LEFT)
        case "failed" if node is not None or name in seen.index.foreign:
            return _of_serf(name, seen)
    return UNKNOWN


def _of_scripts(name: str, seen: Seen) -> bool:
    """Whether scripts alone registered what is there: no watch ever stood for it, so it stays until
    they take it back, or its time is over."""
    found = seen.index.of_node.get(name, ())
    return bool(found) and all(each.source == "api" for each in found)


def serf_says(name: str, seen: Seen) -> str:
    """alive, failed, left, or "" where serf does not know it: the agent first, then handlers."""
    if seen.members is not None and (status := seen.members.get(name)):
        return ALIVE[0] if status in ALIVE else status
    said = seen.fleet.said.get(name)
    if said is None:
        return ""
    words = {"member-leave": LEFT, "member-failed": FAILED, "member-reap": LEFT}
    return words.get(said.event, ALIVE[0])


def targets(name: str, seen: Seen) -> tuple[Target, ...]:
    """What of it can be asked: all that its checks do not call bad, and what scripts wrote."""
    return tuple(_targets(name, seen))


def _targets(name: str, seen: Seen) -> Iterator[Target]:
    for each in seen.index.of_node.get(name, ()):
        if each.health is Health.PASSING:
            yield Target(each.key, name, each.address, each.port)
    for key in seen.index.foreign.get(name, ()):
        if key.port:
            yield Target(key.key, name, key.address, key.port)


def _with_lease(name: str, seen: Seen) -> Found:
    """Serf alone says that it failed. Ports that are silent make a lease that it keeps no proof:
    who reaches the store may be out of reach for everybody else."""
    if not seen.brakes.witness:
        return Found(Standing.FAILED, Signal.SERF_FAILED, Reason.SERF_ALONE)
    found = _witness(name, seen)
    weak = (Reason.SERF_AND_NOTHING, Reason.NO_WITNESS, Reason.SERF_AND_CHECKS)
    if found.standing is not Standing.ASKED and found.reason in weak:
        return Found(Standing.DOUBTED, Signal.SERF_FAILED, Reason.SERF_BUT_LEASE)
    return found


def _of_serf(name: str, seen: Seen) -> Found:
    if not seen.brakes.witness:
        return Found(Standing.FAILED, Signal.SERF_FAILED, Reason.SERF_ALONE)
    return _witness(name, seen)


def _witness(name: str, seen: Seen) -> Found:
    """Whether anybody agrees with serf that it failed."""
    signal, asked = Signal.SERF_FAILED, targets(name, seen)
    down = [each.name in seen.down for each in asked]
    if asked and (all(down) or (any(down) and not seen.brakes.probe)):
        return Found(Standing.FAILED, signal, Reason.SERF_AND_PROXY)
    if not asked:
        bad = any(each.health is Health.FAILING for each in seen.index.of_node.get(name, ()))
        reason = Reason.SERF_AND_CHECKS if bad else Reason.SERF_AND_NOTHING
        blind = bool(seen.index.foreign.get(name)) and not bad
        if blind:  # keys whose values are no addresses: there is no second witness
            return Found(Standing.DOUBTED, signal, Reason.NO_WITNESS)
        return Found(Standing.FAILED, signal, reason)
    if not seen.brakes.probe:
        return Found(Standing.DOUBTED, signal, Reason.NO_WITNESS)
    answers = [seen.answers[each.name] for each in asked if each.name in seen.answers]
    if not answers:
        return Found(Standing.ASKED, signal, Reason.NO_WITNESS, asked)
    if any(answers):
        return Found(Standing.DOUBTED, signal, Reason.SERF_BUT_ANSWERS)
    return Found(Standing.FAILED, signal, Reason.SERF_AND_SILENT)


def _without_lease(name: str, seen: Seen, *, left: bool) -> Found:
    asked = targets(name, seen) if seen.brakes.probe else ()
    answers = [seen.answers[each.name] for each in asked if each.name in seen.answers]
    if any(answers):
        return Found(Standing.DOUBTED, Signal.LEASE_GONE, Reason.ANSWERS)
    if asked and not answers:
        return Found(Standing.ASKED, Signal.LEASE_GONE, Reason.SILENT, asked)
    if left:
        return Found(Standing.DECLARED, Signal.LEFT, Reason.LEFT)
    reason = Reason.SILENT if answers else Reason.LEASE_GONE
    return Found(Standing.FAILED, Signal.LEASE_GONE, reason)


def due(name: str, seen: Seen) -> bool:
    """Whether it is time to ask it (again). One that serves and was never asked: at once."""
    asked = seen.memory.asked.get(name)
    return asked is None or seen.moment - asked >= AGAIN
