"""What may be registered: an offer whose record and keys all others can read.

One that they cannot would look as if it was missing, and be written again at every turn; one that
breaks a key would stop the watch of all the others of its node.
"""

import logging
from collections.abc import Mapping

from bootstrapper.errors import Mistake
from bootstrapper.fleet.layouts import Layout, published, published_node
from bootstrapper.fleet.owning import instance_of
from bootstrapper.fleet.records import decode, decoder_of, encode
from bootstrapper.fleet.values import Health, Instance, Node, Offer

logger = logging.getLogger(__name__)
decoder_of(Instance)
decoder_of(Node)


class Sound:
    """For one thread. Each offer is looked at once, and what is wrong with it told once."""

    def __init__(self, node: Node, layouts: tuple[Layout, ...]) -> None:
        self._node = node
        self._layouts = layouts
        self._known: dict[str, tuple[Offer, bool]] = {}

    def of(self, offers: Mapping[str, Offer]) -> dict[str, Offer]:
        known = {}
        for name, offer in offers.items():
            before = self._known.get(name)
            same = before is not None and (before[0] is offer or before[0] == offer)
            known[name] = before if before is not None and same else (offer, self._look(offer))
        self._known = known
        return {name: offer for name, (offer, good) in known.items() if good}

    def _look(self, offer: Offer) -> bool:
        try:
            made = instance_of(self._node, offer, Health.PASSING, 0.0)
            decode(encode(made), Instance)
            published(self._layouts, made, serves=True)
        except Mistake as error:
            logger.error("%s cannot be registered: %s", offer.id, error)
            return False
        return True


def check_node(node: Node, layouts: tuple[Layout, ...]) -> None:
    """Raises Mistake for a name or a cluster that cannot stand in a key."""
    try:
        decode(encode(node), Node)
        published_node(layouts, node, alive=True)
    except Mistake as error:
        raise Mistake(f"this node cannot be registered: {error}", field="fleet.node") from error
    if "/" in node.cluster or node.cluster != node.cluster.strip():
        raise Mistake(f"{node.cluster!r} cannot stand in a key", field="fleet.cluster")
