"""Nodes, services and the fleet, as frozen values; what each source offers to the fleet.

An `Instance` is what the fleet knows of one copy of a service; an `Offer` is what a source on this
node (Docker, the settings, a script) wants to be known, before its checks are asked.
"""

import re
from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

ODD = r"\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
"""Letters that steer a terminal, or begin a line of their own."""
PART = rf"(?!\.{{1,2}}\Z)(?!-)(?:[^/\s\"'`\\#{{}}{ODD}]|\\x[0-9a-f]{{2}}){{1,200}}"
"""What may be one part of a key's path and one word of a config: no quote, no comment, no option,
no template. A byte that is no text may be shown as one: `caf\\xe9`."""
HOST = r"[A-Za-z0-9_][A-Za-z0-9_.-]*|[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(?:%[\w.-]+)?"
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=rf"^{PART}\Z")]
"""Of a node, a service, an instance, a cluster."""
Address = Annotated[str, Meta(max_length=253, pattern=rf"^(?:{HOST})?\Z")]
"""A host's name or a number, and never a port; empty where somebody else knows it."""
Word = Annotated[str, Meta(max_length=200, pattern=rf"^(?:{PART})?\Z")]
"""A name, or none."""
_PART = re.compile(PART)


def is_name(text: str) -> bool:
    return _PART.fullmatch(text) is not None


Port = Annotated[int, Meta(ge=1, le=65535)]


class Health(Enum):
    STARTING = "starting"
    PASSING = "passing"
    FAILING = "failing"
    DRAINING = "draining"


class State(Enum):
    """Of a node. FAILED is a guess of others; LEFT is its own word or an operator's."""

    ALIVE = "alive"
    FAILED = "failed"
    LEFT = "left"


Source = Literal["docker", "static", "systemd", "api", "run", "serf"]


class Signal(Enum):
    """What told of a change first; the certain ones are never braked."""

    REGISTERED = "registered"
    DOCKER_DIE = "its container died"
    DOCKER_STOP = "its container is being stopped"
    PROCESS_ENDED = "its process ended"
    UNIT_STOPPED = "its unit stopped"
    DEREGISTERED = "deregistered"
    OPERATOR = "an operator's word"
    LEFT = "it left"
    CHECK = "its check"
    LEASE_GONE = "its lease is gone"
    SERF_FAILED = "serf says it failed"
    UNREACHABLE = "it cannot be reached"
    RETURNED = "it is back"
    FLAPPING = "it came and went too often"
    STALE = "nobody stands for it"
    PROXY = "a proxy followed"

    @property
    def guess(self) -> bool:
        return self in (Signal.LEASE_GONE, Signal.SERF_FAILED, Signal.UNREACHABLE)


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """`target`: a URL or path (http), `host:port` or nothing (tcp), or a command's words (command).

    Seconds. `rise` and `fall` count results in a row; failures within `grace` after the start of
    the service do not count. `passing`: it is taken to pass until it was asked.
    """

    kind: Literal["http", "tcp", "command"]
    target: str | tuple[str, ...] = ""
    interval: Annotated[float, Meta(gt=0)] = 0.5
    timeout: Annotated[float, Meta(gt=0)] = 1.0
    rise: Annotated[int, Meta(ge=1)] = 1
    fall: Annotated[int, Meta(ge=1)] = 2
    grace: Annotated[float, Meta(ge=0)] = 0.0
    passing: bool = False


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """`host` is the container's own name, else the node's; `draining`: it serves its last calls."""

    service: Name
    id: Name
    address: Address
    port: Port
    host: Word = ""
    cluster: Word = ""
    tags: tuple[str, ...] = ()
    weight: Annotated[int, Meta(ge=0, le=256)] = 100
    source: Source = "static"
    checks: tuple[Check, ...] = ()
    draining: bool = False
    ttl: float = 0.0
    """Seconds after which it is gone unless offered again; 0: it stays."""


class Instance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One copy of a service. `since`: Unix time of its last change of health or address."""

    service: Name
    id: Name
    node: Name
    address: str
    port: Port
    since: float
    host: str = ""
    cluster: str = ""
    tags: tuple[str, ...] = ()
    weight: int = 100
    health: Health = Health.PASSING
    source: Source = "static"
    keys: tuple[str, ...] = ()
    """What it shows to readers while it may get traffic, as its owner's layouts have it."""

    @property
    def key(self) -> str:
        """What it is known by in the whole fleet."""
        return f"{self.node}/{self.id}"


class Node(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`incarnation` differs after each start of its watch. `tags`: serf's, or of the settings."""

    name: Name
    address: str
    since: float
    cluster: str = ""
    role: str = ""
    state: State = State.ALIVE
    tags: dict[str, str] = {}
    source: Literal["watch", "serf"] = "watch"
    incarnation: str = ""
    keys: tuple[str, ...] = ()
    """As `Instance.keys`."""


class Mark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a node (or one instance of it) is out of rotation though it is registered.

    `until`: Unix time at which a node that flapped may come back; 0: when it is back.
    """

    signal: Signal
    reason: str
    since: float
    by: str = ""
    until: float = 0.0


class Held(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A removal that the brakes hold: of a node, or of one instance (`Instance.key`).

    `rule`: brake, floor, self-preservation, witness, grace … `answer` is an operator's, `by` whom.
    """

    name: str
    signal: Signal
    reason: str
    rule: str
    since: float
    answer: Literal["", "confirmed", "refused"] = ""
    by: str = ""


class Said(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a Serf handler handed over of a member: a hint, and a witness. `at`: Unix time."""

    node: Name
    event: Literal["member-join", "member-leave", "member-failed", "member-update", "member-reap"]
    address: str
    at: float
    by: str
    role: str = ""
    tags: dict[str, str] = {}


class Fleet(msgspec.Struct, frozen=True, kw_only=True):
    """All of it at one moment. Instances and marks by `Instance.key`; marks of nodes by name."""

    nodes: Mapping[str, Node] = MappingProxyType({})
    instances: Mapping[str, Instance] = MappingProxyType({})
    marks: Mapping[str, Mark] = MappingProxyType({})
    alive: Mapping[str, str] = MappingProxyType({})
    """Node → incarnation, as long as its lease is kept."""
    held: Mapping[str, Held] = MappingProxyType({})
    said: Mapping[str, Said] = MappingProxyType({})
    flaps: Mapping[str, tuple[float, ...]] = MappingProxyType({})
    """Node → when it went, Unix times, the latest last."""
    offers: Mapping[str, Offer] = MappingProxyType({})
    """What was registered through the API, by `node/id`."""
    revision: int = 0

    def mark_of(self, instance: Instance) -> Mark | None:
        return self.marks.get(instance.key) or self.marks.get(instance.node)

    def serves(self, instance: Instance) -> bool:
        """Whether traffic may go to it."""
        return instance.health is Health.PASSING and self.mark_of(instance) is None
