"""What of a node gets traffic now: instances that serve, and keys that scripts wrote."""

from bootstrapper.fleet.judging.brakes import Taken
from bootstrapper.fleet.judging.seen import Seen


def taken_of(name: str, seen: Seen) -> Taken:
    """What would be taken from its readers if it was marked now, in a steady order."""
    instances = [
        (each.service, each.key)
        for each in seen.index.of_node.get(name, ())
        if seen.fleet.serves(each)
    ]
    if name in seen.fleet.marks:
        return ()
    keys = [(each.service, each.key) for each in seen.index.foreign.get(name, ()) if each.service]
    return tuple(sorted(instances) + sorted(keys))


def services_of(name: str, seen: Seen) -> frozenset[str]:
    return frozenset(each.service for each in seen.index.of_node.get(name, ()))
