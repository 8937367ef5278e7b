"""Which signal fits what a look at living containers found. Pure."""

from collections.abc import Mapping

from bootstrapper.fleet.values import Offer, Signal


def signal_of(before: Mapping[str, Offer], after: Mapping[str, Offer]) -> Signal:
    """A death or a stop was told by its own event, so one that drains now failed its own check."""
    if before.keys() <= after.keys():
        for name, offer in before.items():
            if after[name].draining and not offer.draining:
                return Signal.CHECK
        return Signal.REGISTERED
    return Signal.REGISTERED if after.keys() - before.keys() else Signal.DEREGISTERED
