"""Readers' keys that are not what they should be: put right when their owner did not."""

from collections.abc import Iterator

from bootstrapper.fleet.judging.seen import ALIVE, Seen
from bootstrapper.fleet.judging.standing import serf_says
from bootstrapper.fleet.judging.verdicts import Reason, Repair

PATIENCE = 1.0
"""Seconds that are the owner's to put it right."""
MOST = 50
"""Of whom keys are put right in one turn."""


def repair(seen: Seen, busy: frozenset[str]) -> Iterator[Repair]:
    """`busy`: of whom this turn has another verdict."""
    since = seen.moment - PATIENCE
    found: dict[str, dict[str, str | None]] = {}
    for key, (name, value) in seen.index.differs.items():
        free = name not in busy and name.partition("/")[0] not in busy
        if free and seen.memory.differs.get(key, seen.moment) <= since:
            found.setdefault(name, {})[key] = value
            if len(found) == MOST:
                break
    for name, keys in found.items():
        yield Repair(name, keys, Reason.MISSING)
    for host in seen.memory.removed & seen.index.foreign.keys():
        known = host in seen.fleet.nodes or host in seen.fleet.alive or host in busy
        if not known and serf_says(host, seen) != ALIVE[0]:
            orphans = {each.key: None for each in seen.index.foreign[host]}
            yield Repair(host, orphans, Reason.ORPHAN)
