"""Keys in memory: one full read, then increments; any number of views, each in its own thread.

A follower (`follow`) brings what changes; a `View` belongs to one consumer, who takes the news when
it likes and then owns plain values that nobody else touches: no copy of all keys for one change,
and no lock while it renders. Several prefixes may be kept; each has a follower of its own.
"""

import threading
import time
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bootstrapper.kv.store import Change, Snapshot

UNREAD = "not read yet"


UNKNOWN = -1
"""Less than any revision."""


@dataclass(frozen=True, slots=True)
class Link:
    """Whether all followers hear their store, since when (Unix time), and why not."""

    connected: bool
    since: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """What is different in a view since it looked last. `revision`: the newest of all prefixes."""

    revision: int
    put: Mapping[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()


class Mirror:
    """Safe for one follower a prefix and any number of readers."""

    def __init__(self, *prefixes: str) -> None:
        self.prefixes = outermost(prefixes)
        self._changed = threading.Condition()
        self._values: dict[str, str] = {}
        self._revisions: dict[str, int] = {}
        self._views: weakref.WeakSet[View] = weakref.WeakSet()
        self._wakes: list[Callable[[], None]] = []
        self._snapshot: Snapshot | None = None
        self._reasons = dict.fromkeys(self.prefixes, UNREAD)
        self._link = Link(False, time.time(), UNREAD)

    @property
    def link(self) -> Link:
        return self._link

    @property
    def complete(self) -> bool:
        """Every prefix was read at least once: a missing key is missing, not just unread."""
        return len(self._revisions) == len(self.prefixes)

    def snapshot(self) -> Snapshot:
        """All values, never to change again; the copy is shared until the next change."""
        with self._changed:
            if self._snapshot is None:
                values = MappingProxyType(self._values.copy())
                self._snapshot = Snapshot(values, self._newest())
            return self._snapshot

    def view(self) -> "View":
        """Values of its own for one thread, as they are now."""
        with self._changed:
            view = View(self._changed, self._values.copy(), self._newest(), self.revision)
            self._views.add(view)
            return view

    def wake(self, call: Callable[[], None]) -> None:
        """To be called at each change, by the follower: briefly, and without asking the mirror."""
        with self._changed:
            self._wakes.append(call)

    def load(self, prefix: str, read: Snapshot) -> None:
        """A full read: what is not in it is gone."""
        with self._changed:
            gone = [
                key for key in self._values if key.startswith(prefix) and key not in read.values
            ]
            put = {
                key: value for key, value in read.values.items() if self._values.get(key) != value
            }
            first = prefix not in self._revisions
            self._revisions[prefix] = read.revision
            self._tell(put, frozenset(gone), always=first)

    def apply(self, prefix: str, change: Change) -> None:
        with self._changed:
            self._revisions[prefix] = change.revision
            self._tell(change.put, change.gone)

    def revision(self, prefix: str) -> int:
        """Up to where this one of the prefixes is known, by itself or within a wider one; others
        may be behind or ahead. UNKNOWN until it was read.
        """
        kept = next((each for each in self.prefixes if prefix.startswith(each)), prefix)
        return self._revisions.get(kept, UNKNOWN)

    def reason(self, prefix: str) -> str:
        """Why its follower does not hear its store; "" when it does, or never tried."""
        return self._reasons[prefix].removeprefix(UNREAD)

    def set_link(self, prefix: str, reason: str = "") -> None:
        """A follower hears its store, or does not for a reason."""
        with self._changed:
            self._reasons[prefix] = reason
            reasons = "; ".join(each for each in self._reasons.values() if each)
            since = self._link.since if self._link.connected == (not reasons) else time.time()
            self._link = Link(not reasons, since, reasons)

    def _tell(self, put: Mapping[str, str], gone: frozenset[str], *, always: bool = False) -> None:
        if not (put or gone or always):
            return
        self._values.update(put)
        for key in gone:
            self._values.pop(key, None)
        self._snapshot = None
        for view in self._views:
            view._add(put, gone, self._newest())
        self._changed.notify_all()
        for call in self._wakes:
            call()

    def _newest(self) -> int:
        return max(self._revisions.values(), default=0)


class View:
    """One consumer's values; `values` changes only inside `take`, which this consumer calls."""

    def __init__(
        self,
        changed: threading.Condition,
        values: dict[str, str],
        revision: int,
        reached: Callable[[str], int],
    ) -> None:
        self._changed = changed
        self.reached = reached
        """Up to where a prefix is known to the mirror, and so to the next `take`."""
        self._values = values
        self._put: dict[str, str] = {}
        self._gone: set[str] = set()
        self._latest = revision
        self._news = False
        self.values: Mapping[str, str] = MappingProxyType(values)
        self.revision = revision

    def wait(self, timeout: float) -> bool:
        """Whether there is news, at the latest after `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._news, timeout)

    def take(self) -> News | None:
        """Bring `values` up to date, and tell what that changed; None when nothing came."""
        with self._changed:
            if not self._news:
                return None
            put, gone, self.revision = self._put, self._gone, self._latest
            self._put, self._gone, self._news = {}, set(), False
        self._values.update(put)
        for key in gone:
            self._values.pop(key, None)
        return News(self.revision, MappingProxyType(put), frozenset(gone))

    def _add(self, put: Mapping[str, str], gone: frozenset[str], revision: int) -> None:
        """By the mirror, which holds the lock: news that was not taken yet grows together."""
        self._gone.difference_update(put)
        self._put.update(put)
        for key in gone:
            self._put.pop(key, None)
        self._gone.update(gone)
        self._latest, self._news = revision, True


def outermost(prefixes: Iterable[str]) -> tuple[str, ...]:
    """Without those that another one covers, so that no key is kept twice."""
    kept: list[str] = []
    for prefix in sorted(set(prefixes)):
        if not kept or not prefix.startswith(kept[-1]):
            kept.append(prefix)
    return tuple(kept)
