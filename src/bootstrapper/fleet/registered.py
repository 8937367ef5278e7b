"""What scripts registered for a node through the API or `run`: its watch takes it up."""

from bootstrapper.fleet.values import Fleet, Offer


def registered(fleet: Fleet, node: str) -> dict[str, Offer]:
    prefix = f"{node}/"
    return {offer.id: offer for key, offer in fleet.offers.items() if key.startswith(prefix)}
