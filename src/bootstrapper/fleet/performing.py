"""A plan written: as transactions that happen only if all that it stands on is as it was seen.

Each is fenced by the leader's own key. A registration, a sign of life or a mark that came after the
judgement breaks the guard, and the next turn judges again.
"""

from collections.abc import Iterator, Mapping
from enum import Enum

from bootstrapper.fleet.judging.planning import Plan
from bootstrapper.kv.store import ABSENT, Claims, Delete, Put, Write

MOST = 80
"""Writes of one transaction: etcd takes 128, guards included in their own count."""
MOST_GUARDED = 60


class Outcome(Enum):
    DONE = "done"
    MOVED = "something came in between"
    DEPOSED = "another one leads"


class Moved(Exception):
    """Never leaves this file."""


def perform(
    store: Claims,
    made: Plan,
    values: Mapping[str, str],
    revision: int,
    leader: str,
    term: int,
) -> tuple[Outcome, int]:
    """With the revision of the last write. `values` and `revision`: what was judged; `leader`: the
    key that this one leads by, `term` its revision."""
    when = {leader: term}
    written = revision
    try:
        for key in sorted(made.relied):
            when[key] = _as_seen(store, key, values, revision)
        for part in _parts(made):
            guards = {
                each.key: _as_seen(store, each.key, values, revision)
                for each in part
                if each.key in made.guarded and each.key not in when
            }
            done = store.write(part, when | guards)
            if done is None:
                return _why(store, leader, term), written
            written = done
            for each in part:
                if each.key in when:
                    when[each.key] = written if isinstance(each, Put) else ABSENT
    except Moved:
        return Outcome.MOVED, written
    return Outcome.DONE, written


def _as_seen(store: Claims, key: str, values: Mapping[str, str], revision: int) -> int:
    """Its revision, if it still is what it was when it was judged."""
    entry = store.look(key)
    if entry is None:
        if key in values:
            raise Moved
        return ABSENT
    if values.get(key) != entry.value or entry.revision > revision:
        raise Moved
    return entry.revision


def _parts(made: Plan) -> Iterator[list[Write]]:
    """What decides comes first; what it relies on is written with it."""
    first = [write for key, write in made.writes.items() if key in made.relied]
    rest = [write for key, write in made.writes.items() if key not in made.relied]
    part, guarded = first, 0
    for write in rest:
        if len(part) >= MOST or guarded >= MOST_GUARDED:
            yield part
            part, guarded = [], 0
        part.append(write)
        guarded += write.key in made.guarded
    if part:
        yield part


def _why(store: Claims, leader: str, term: int) -> Outcome:
    entry = store.look(leader)
    leads = entry is not None and entry.revision == term
    return Outcome.MOVED if leads else Outcome.DEPOSED


def delete_all(store: Claims, keys: list[str], leader: str, term: int) -> None:
    """What nobody stands on any more, as long as this one leads."""
    for start in range(0, len(keys), MOST):
        part = [Delete(key) for key in keys[start : start + MOST]]
        if store.write(part, {leader: term}) is None:
            return
