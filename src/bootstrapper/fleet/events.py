"""What happened to the fleet: past tense, frozen, each with its signal, reason and cause.

An event is written in the same transaction as the change that it tells of.
"""

from typing import Literal

import msgspec

from bootstrapper.fleet.values import Signal

Kind = Literal[
    "node_joined", "node_suspected", "node_failed", "node_returned", "node_left", "node_removed",
    "node_held", "node_kept_out", "node_released",
    "instance_registered", "instance_changed", "instance_passing", "instance_failing",
    "instance_draining", "instance_withdrawn", "instance_returned", "instance_removed",
    "removal_held", "removal_confirmed", "removal_refused",
    "proxy_joined", "proxy_left",
    "leader_elected",
]  # fmt: skip


class FleetEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`id`: UUIDv7; `at`: Unix time; `cause`: the id of the event that led to this one, or "".

    `put`, `deleted`: keys of those who read the layouts. `by`: the node or actor that did it.
    """

    id: str
    at: float
    kind: Kind
    node: str
    instance: str = ""
    service: str = ""
    signal: Signal
    reason: str
    by: str
    cause: str = ""
    put: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
