"""What may be found about the fleet: frozen verdicts, each with its reason, signal and rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from bootstrapper.fleet.values import Node, Signal


class Reason(Enum):
    SILENT = "its lease is gone and it does not answer"
    LEASE_GONE = "its lease is gone and there is nothing to ask"
    SERF_AND_SILENT = "serf says it failed and it does not answer"
    SERF_AND_PROXY = "serf says it failed and a proxy sees it down"
    SERF_AND_CHECKS = "serf says it failed and its checks fail"
    SERF_ALONE = "serf says it failed, which is enough by brakes.witness"
    SERF_AND_NOTHING = "serf says it failed and nothing of it is served"
    PART_SILENT = "its node's lease is gone and it does not answer, though others there do"
    LEFT = "it left"
    DOWN_FOR_LONG = "it has been down for brakes.down_for"
    CONFIRMED = "an operator confirmed its removal"
    NOBODY = "nothing is registered under this name any more"
    ANSWERS = "its lease is gone, but it answers"
    SERF_BUT_ANSWERS = "serf says it failed, but it answers"
    SERF_BUT_LEASE = "serf says it failed, but its lease is kept"
    NO_WITNESS = "serf says it failed, and nobody else"
    QUORUM = "this side sees less than its share of the nodes alive"
    MASS = "too much of its cluster failed at once"
    BRAKE = "too many instances were removed by guess in this window"
    FLOOR = "too few instances would be left"
    FLAPPED = "it came and went too often"
    BACK = "it is back"
    FLOOR_LETS_IN = "it came and went too often, but too few are left without it"
    SAID = "a serf handler told of it"
    MISSING = "a reader's key was not as it should be"
    ORPHAN = "nothing explains this key, and its host is gone"


class Rule(Enum):
    QUORUM = "quorum"
    WITNESS = "witness"
    SELF_PRESERVATION = "self-preservation"
    BRAKE = "brake"
    FLOOR = "floor"
    DOWN = "down"
    CERTAIN = "certain"
    OPERATOR = "operator"
    DOWN_FOR = "down_for"
    FLAPS = "flaps"
    RETURN = "return"
    REPAIR = "repair"


@dataclass(frozen=True, slots=True)
class MarkDown:
    """Out of rotation, still registered. `name`: a node or `Instance.key`; `until`: Unix time
    before which it may not come back, 0: at once."""

    name: str
    signal: Signal
    reason: Reason
    rule: Rule = Rule.DOWN
    until: float = 0.0
    takes: tuple[tuple[str, str], ...] = ()
    """(service, target) that got traffic until now."""


@dataclass(frozen=True, slots=True)
class KeepOut:
    """One that is alive stays out, or out for longer."""

    name: str
    signal: Signal
    reason: Reason
    until: float
    rule: Rule = Rule.FLAPS


@dataclass(frozen=True, slots=True)
class Lift:
    """Its mark goes, its keys come back."""

    name: str
    signal: Signal
    reason: Reason
    rule: Rule = Rule.RETURN


@dataclass(frozen=True, slots=True)
class Remove:
    """Its records go, with every key of it: of a node, or of one instance."""

    name: str
    signal: Signal
    reason: Reason
    rule: Rule


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing is done to it, visibly."""

    name: str
    signal: Signal
    reason: Reason
    rule: Rule


@dataclass(frozen=True, slots=True)
class Release:
    """What was held is settled."""

    name: str
    reason: Reason
    signal: Signal = Signal.RETURNED
    rule: Rule = Rule.RETURN


@dataclass(frozen=True, slots=True)
class Admit:
    """A node that serf alone knows is registered."""

    node: Node
    reason: Reason = Reason.SAID
    signal: Signal = Signal.REGISTERED
    rule: Rule = Rule.RETURN


@dataclass(frozen=True, slots=True)
class Repair:
    """Readers' keys are made what they should be; `name`: whose they are. None: deleted."""

    name: str
    keys: Mapping[str, str | None]
    reason: Reason
    signal: Signal = Signal.STALE
    rule: Rule = Rule.REPAIR


@dataclass(frozen=True, slots=True)
class Target:
    """A port to ask. `name`: `Instance.key`, or the reader's key that a script wrote."""

    name: str
    node: str
    address: str
    port: int


Verdict = MarkDown | KeepOut | Lift | Remove | Hold | Release | Admit | Repair
