"""What the API answers about the fleet: nodes, instances, what happened, and why."""

from msgspec import Struct


class Mark(Struct, frozen=True, kw_only=True):
    signal: str
    reason: str = ""
    since: str = ""
    by: str = ""
    until: str = ""


class Held(Struct, frozen=True, kw_only=True):
    """A removal that the brake `rule` holds; `answer`: confirmed, refused or ""."""

    name: str
    signal: str = ""
    reason: str = ""
    rule: str = ""
    since: str = ""
    answer: str = ""
    by: str = ""


class FleetNode(Struct, frozen=True, kw_only=True):
    name: str
    address: str = ""
    cluster: str = ""
    role: str = ""
    state: str = ""
    since: str = ""
    source: str = ""
    tags: dict[str, str] = {}
    mark: Mark | None = None
    held: Held | None = None


class Instance(Struct, frozen=True, kw_only=True):
    service: str
    id: str
    node: str
    address: str = ""
    port: int = 0
    health: str = ""
    serves: bool = False
    since: str = ""
    host: str = ""
    cluster: str = ""
    tags: tuple[str, ...] = ()
    weight: int = 100
    source: str = ""
    keys: tuple[str, ...] = ()
    mark: Mark | None = None
    held: Held | None = None


class Fleet(Struct, frozen=True, kw_only=True):
    """`revision` grows with each change of the store; `leader`: which watch reconciles."""

    revision: int = 0
    leader: str = ""
    nodes: tuple[FleetNode, ...] = ()
    instances: tuple[Instance, ...] = ()
    held: tuple[Held, ...] = ()


class Registered(Struct, frozen=True, kw_only=True):
    """`watched`: its node's watch takes it up; else `note` says what that means."""

    service: str
    id: str
    node: str
    address: str = ""
    port: int = 0
    ttl: float = 0.0
    watched: bool = False
    note: str = ""


class FleetEvent(Struct, frozen=True, kw_only=True):
    """`text` says all of it in one sentence."""

    id: str
    at: str
    kind: str
    text: str
    node: str = ""
    instance: str = ""
    service: str = ""
    signal: str = ""
    reason: str = ""
    by: str = ""
    cause: str = ""
    put: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()


class ChainStep(Struct, frozen=True, kw_only=True):
    """`event` "": it is so now."""

    text: str
    at: str = ""
    event: str = ""
    kind: str = ""
    signal: str = ""


class Chain(Struct, frozen=True, kw_only=True):
    """From the symptom to its first cause. `of`: node, instance or service."""

    name: str
    of: str = ""
    well: bool = True
    verdict: str = ""
    steps: tuple[ChainStep, ...] = ()
