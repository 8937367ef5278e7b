"""The one table of the types of notices that this program tells by itself. Pure.

What others raise may be of any other type: it is `warning`, and does not last, unless they say so.
"""

import re

import msgspec

from bootstrapper.fleet.events import Kind as FleetKind
from bootstrapper.jobs.states import State
from bootstrapper.settings.notify import Severity

TYPE = re.compile(r"[a-z][a-z0-9_]{0,63}")


class Type(msgspec.Struct, frozen=True, kw_only=True):
    """`ends`: the types that one of the same subject ends. `words`: how many of it are counted."""

    severity: Severity
    words: str
    doc: str
    lasts: bool = False
    ends: tuple[str, ...] = ()


UNSUCCESSFUL = ("job_failed", "job_error", "job_lost")
NODE_ILL = ("node_suspected", "node_failed", "node_held", "node_kept_out")
INSTANCE_ILL = ("instance_failing",)

TYPES: dict[str, Type] = {
    "job_failed": Type(
        severity="error", lasts=True, words="job failed", doc="Ansible ran, and a host failed",
    ),
    "job_error": Type(
        severity="error", lasts=True, words="job could not run",
        doc="it could not be run, or ran out of time",
    ),
    "job_lost": Type(
        severity="error", lasts=True, words="job lost", doc="its worker died",
    ),
    "job_canceled": Type(severity="warning", words="job canceled", doc="somebody canceled it"),
    "job_successful": Type(
        severity="info", words="job successful", ends=UNSUCCESSFUL, doc="it did what it was to do",
    ),
    "node_joined": Type(
        severity="info", words="member joined", ends=NODE_ILL, doc="a node is new in the fleet",
    ),
    "node_suspected": Type(
        severity="warning", lasts=True, words="member suspected", doc="a node is silent",
    ),
    "node_failed": Type(
        severity="error", lasts=True, words="member failed", doc="a node is out of rotation",
    ),
    "node_returned": Type(
        severity="info", words="member back", ends=NODE_ILL, doc="a node that failed is back",
    ),
    "node_left": Type(
        severity="info", words="member left", ends=NODE_ILL, doc="a node left in good order",
    ),
    "node_removed": Type(
        severity="warning", words="member removed", ends=(*NODE_ILL, "removal_held"),
        doc="a node's records are gone",
    ),
    "node_held": Type(
        severity="warning", lasts=True, words="member in doubt",
        doc="a node is in doubt and kept, or drained by an operator",
    ),
    "node_kept_out": Type(
        severity="warning", lasts=True, words="member kept out",
        doc="a node came and went too often",
    ),
    "node_released": Type(
        severity="info", words="member released", ends=("node_held", "node_kept_out"),
        doc="a node may serve again",
    ),
    "instance_failing": Type(
        severity="error", lasts=True, words="instance failing", doc="a service fails its check",
    ),
    "instance_passing": Type(
        severity="info", words="instance passing", ends=INSTANCE_ILL,
        doc="a service passes its check",
    ),
    "instance_withdrawn": Type(
        severity="warning", words="instance withdrawn",
        doc="a service is out of rotation with its node",
    ),
    "instance_returned": Type(
        severity="info", words="instance back", ends=INSTANCE_ILL,
        doc="a service is in rotation again",
    ),
    "instance_removed": Type(
        severity="info", words="instance removed", ends=(*INSTANCE_ILL, "removal_held"),
        doc="a service's record is gone",
    ),
    "instance_registered": Type(
        severity="info", words="instance registered", ends=INSTANCE_ILL, doc="a service is new",
    ),
    "removal_held": Type(
        severity="warning", lasts=True, words="removal held",
        doc="a brake holds a removal: confirm or refuse it",
    ),
    "removal_confirmed": Type(
        severity="info", words="removal confirmed", ends=("removal_held",),
        doc="an operator confirmed a removal",
    ),
    "removal_refused": Type(
        severity="info", words="removal refused", ends=("removal_held",),
        doc="an operator refused a removal",
    ),
    "leader_elected": Type(
        severity="info", words="leader elected", doc="another watch reconciles the fleet",
    ),
    "key_added": Type(
        severity="info", words="key added", ends=("key_failed",),
        doc="a key for readers was put into the store",
    ),
    "key_failed": Type(
        severity="error", lasts=True, words="key not added",
        doc="a key could not be put (raised by scripts)",
    ),
    "no_free_address": Type(
        severity="critical", lasts=True, words="no free address",
        doc="no free Elastic IP is left (raised by scripts)",
    ),
    "test": Type(severity="info", words="test message", doc="`bootstrapper notify test`"),
}  # fmt: skip
UNKNOWN = Type(severity="warning", words="", doc="")

OF_STATE: dict[State, str] = {
    State.SUCCESSFUL: "job_successful",
    State.FAILED: "job_failed",
    State.ERROR: "job_error",
    State.CANCELED: "job_canceled",
    State.LOST: "job_lost",
}
UNTOLD: frozenset[FleetKind] = frozenset(
    {"instance_changed", "instance_draining", "proxy_joined", "proxy_left"}
)
"""What happens all day in a fleet that is well: in its timeline, and told to nobody."""


def type_of(name: str) -> Type:
    return TYPES.get(name, UNKNOWN)


def words_of(name: str) -> str:
    return type_of(name).words or name.replace("_", " ")
