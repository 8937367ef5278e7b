"""All that the reconciler knows at one moment, and what it remembers of the moments before."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bootstrapper.fleet.judging.index import Index
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.values import Fleet
from bootstrapper.settings.fleet import Brakes

Members = Mapping[str, str]
"""Of serf, as the leader's own agent sees them: name → alive, leaving, left or failed."""
FAILED, LEFT = "failed", "left"
ALIVE = ("alive", "leaving")


@dataclass(frozen=True, slots=True)
class Removal:
    """One instance of a service that was taken out of rotation by guess, at a monotonic time."""

    at: float
    service: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Of one leader; who loses the lead forgets it. Monotonic times."""

    began: float
    """Since when it has followed the fleet without a gap."""
    gone: Mapping[str, float] = field(default_factory=dict)
    """Node → since when something says that it is gone."""
    asked: Mapping[str, float] = field(default_factory=dict)
    """Node → when its ports were asked last."""
    removals: tuple[Removal, ...] = ()
    differs: Mapping[str, float] = field(default_factory=dict)
    """Reader's key → since when it has not been what it should be."""
    removed: frozenset[str] = frozenset()
    """Nodes that it deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """`values`: every key of the records and of the layouts; `index`: made of them and `fleet`.

    `members`: None where there is no serf, or it is cut off. `answers`: target (`Instance.key`, or
    a reader's key) → whether its port accepted. `down`: targets that a proxy sees down.
    `now`: Unix time; `moment`: monotonic.
    """

    fleet: Fleet
    values: Mapping[str, str]
    index: Index
    paths: Paths
    brakes: Brakes
    memory: Memory
    now: float
    moment: float
    members: Members | None = None
    answers: Mapping[str, bool] = field(default_factory=dict)
    down: frozenset[str] = frozenset()

    @property
    def learning(self) -> bool:
        return self.moment - self.memory.began < self.brakes.learn
