"""The fleet as those see it who may: its nodes, and why something is as it is."""

import time

from bootstrapper.control.parts import Parts
from bootstrapper.control.verdicts import authorize
from bootstrapper.fleet.chain import Chain, why
from bootstrapper.fleet.members import members
from bootstrapper.fleet.values import Fleet, Node
from bootstrapper.policy.actors import Actor


def nodes_of(
    parts: Parts, actor: Actor, cluster: str = "", *, everybody: bool = False
) -> tuple[Fleet, tuple[Node, ...]]:
    """The living nodes, with the fleet that they were seen in; "": of every cluster."""
    authorize(parts, actor, "fleet.read", "read")
    fleet = parts.fleet.read()
    return fleet, members(fleet, cluster, everybody=everybody)


def chain_of(parts: Parts, actor: Actor, name: str) -> Chain:
    """From a symptom to its first cause. Raises Unknown."""
    authorize(parts, actor, "fleet.read", "read")
    return why(name, parts.fleet.events(), parts.fleet.read(), time.time())
