"""Values of a key-value store, read once and then kept true by what it tells of changes.

Whoever waits for keys has them kept in memory, each wait bringing them up to date, so that
reading them again, from any thread, costs a copy. Keys that nobody waits for are read anew.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bootstrapper.errors import Mistake, Refused, Unavailable
from bootstrapper.kv.store import Change, Gap, Store
from bootstrapper.lifecycle import Stop
from bootstrapper.templates.backends.port import nothing_to_hear
from bootstrapper.templates.paths import any_at_or_below, common, outermost

EMPTY = -1
"""The index of a store in which nothing was ever written."""


@dataclass(slots=True)
class _Kept:
    """What one who waits knows of the keys, and where it hears of more."""

    place: frozenset[str]
    values: dict[str, str]
    revision: int
    changes: Iterator[Change]

    @property
    def index(self) -> int:
        """Never 0, as the revision of an empty store may be."""
        return self.revision or EMPTY


class Followed:
    watches = True

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[Stop, _Kept] = {}
        self._turn = threading.Lock()

    def values(self, keys: Sequence[str]) -> dict[str, str]:
        place = frozenset(keys)
        with self._turn:
            kept = [each for each in self._kept.values() if each.place == place]
            if kept:
                return dict(max(kept, key=lambda each: each.revision).values)
        with _translated():
            return self._read(keys)[0]

    def wait(self, prefix: str, keys: Sequence[str], since: int, stop: Stop) -> int:
        """The index is the store's revision."""
        if not keys:
            return nothing_to_hear(since, stop)
        kept = self._kept.get(stop)
        if kept is None or kept.place != frozenset(keys) or kept.index != since:
            self._forget(stop)
            with _translated():
                kept = self._follow(keys, stop)
            with self._turn:
                self._kept[stop] = kept
            if kept.index != since:
                return kept.index
        try:
            with _translated():
                return self._hear(kept, stop)
        except BaseException:
            self._forget(stop)
            raise
        finally:
            if stop.is_set():
                self._forget(stop)

    def _forget(self, stop: Stop) -> None:
        with self._turn:
            self._kept.pop(stop, None)

    def _hear(self, kept: _Kept, stop: Stop) -> int:
        """A gap in what is told is closed by reading all again, and is itself a change."""
        try:
            for change in kept.changes:
                with self._turn:
                    told = _apply(change, kept.values, kept.place)
                if told:
                    kept.revision = change.revision
                    return kept.index
            if not stop.is_set():
                raise Unavailable("the store ended its watch")
        except Gap:
            again = self._follow(tuple(kept.place), stop)
            with self._turn:
                kept.values, kept.changes = again.values, again.changes
                kept.revision = again.revision
        return kept.index

    def _follow(self, keys: Sequence[str], stop: Stop) -> _Kept:
        """Changes are heard from the oldest of the reads on: to hear of one twice is harmless."""
        values, revision = self._read(keys)
        changes = self._store.changes(common(keys), revision, stop)
        return _Kept(frozenset(keys), values, revision, changes)

    def _read(self, keys: Sequence[str]) -> tuple[dict[str, str], int]:
        values: dict[str, str] = {}
        revisions: list[int] = []
        for key in outermost(keys):
            read = self._store.read(key)
            revisions.append(read.revision)
            values |= read.values
        wanted = {key: text for key, text in values.items() if any_at_or_below(key, keys)}
        return wanted, min(revisions, default=0)


def _apply(change: Change, values: dict[str, str], keys: Iterable[str]) -> bool:
    """Whether it was about our keys."""
    put = {key: text for key, text in change.put.items() if any_at_or_below(key, keys)}
    gone = change.gone & values.keys()
    values |= put
    for key in gone:
        del values[key]
    return bool(put or gone)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except Refused as error:
        raise Mistake(f"the store refuses us: {error}") from error
