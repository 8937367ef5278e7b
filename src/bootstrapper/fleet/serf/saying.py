"""Write down what was handed over, each member's latest word: `said/<node>` in the store."""

from bootstrapper.errors import Mistake, Unavailable
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.records import decode, encode
from bootstrapper.fleet.serf.handed import Handed, outdated, said_of
from bootstrapper.fleet.values import Said
from bootstrapper.kv.store import ABSENT, Claims, Entry, Put

TRIES = 5


def say(store: Claims, paths: Paths, handed: Handed, now: float) -> int:
    """How many members' records are new; `now` is Unix time. Saying it again changes nothing."""
    return sum(_say(store, paths.said(said.node), said) for said in said_of(handed, now))


def _say(store: Claims, key: str, said: Said) -> bool:
    for _ in range(TRIES):
        entry = store.look(key)
        if outdated(said, _known(entry)):
            return False
        when = {key: entry.revision if entry else ABSENT}
        if store.write((Put(key, encode(said)),), when) is not None:
            return True
    raise Unavailable(f"others write {key} all the time")


def _known(entry: Entry | None) -> Said | None:
    """A record that cannot be read is as good as none."""
    try:
        return decode(entry.value, Said) if entry else None
    except Mistake:
        return None
