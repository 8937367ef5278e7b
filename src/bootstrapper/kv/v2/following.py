"""The tree and the history kept true: one thread hears all changes of the store, for everybody.

A request first asks the store for its newest revision and waits until the tree is of it: then it
sees every write that was acknowledged before, through whichever door.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from bootstrapper.errors import Refused, Unavailable
from bootstrapper.kv.backoff import delays
from bootstrapper.kv.store import Change, Entry, Gap, Keys
from bootstrapper.kv.v2.digest import digest
from bootstrapper.kv.v2.history import KEPT, History
from bootstrapper.kv.v2.records import EVENTS, Places
from bootstrapper.kv.v2.tree import Tree
from bootstrapper.kv.v2.views import Happened
from bootstrapper.lifecycle import Stop

logger = logging.getLogger(__name__)

SECONDS = 5.0  # for the tree to be as new as the store says
NOWHERE = "/bootstrapper/etcd2/nowhere/"
Listener = Callable[[list[Happened]], None]


class Following:
    """`listener` is told of events in the following thread, after they are in the history."""

    def __init__(self, store: Keys, places: Places) -> None:
        self.store = store
        self.places = places
        self.listener: Listener = lambda events: None
        self.tree = Tree(places)
        self.history = History()
        self.revision = 0
        self.records: deque[str] = deque()
        self._changed = threading.Condition()
        self._reason = "not read yet"

    @contextmanager
    def newest(self) -> Iterator["Following"]:
        """Itself, held still: with every write in it that was acknowledged before the call."""
        revision = self.store.read(NOWHERE).revision
        with self._changed:
            if not self._changed.wait_for(lambda: self.revision >= revision, SECONDS):
                raise Unavailable(f"the keys are not read up to {revision}: {self._reason}")
            yield self

    @contextmanager
    def held(self) -> Iterator["Following"]:
        """Itself, held still, as it is."""
        with self._changed:
            yield self

    def wait_due(self, stop: Stop, longest: float) -> str | None:
        """The path whose time is over; None when there is none after `longest` seconds."""
        until = time.monotonic() + longest
        with self._changed:
            while not stop.is_set() and (left := until - time.monotonic()) > 0:
                due = self.tree.next_due()
                rest = due[0] - time.time() if due else left
                if due and rest <= 0:
                    return due[1]
                self._changed.wait(min(left, max(rest, 0.0)))
        return None

    def follow(self, stop: Stop) -> None:
        """The loop of the following thread."""
        since: int | None = None
        waits = delays()
        while not stop.is_set():
            try:
                if since is None:
                    since = self._read()
                for change in self.store.changes("", since, stop):
                    self._reason = ""
                    self._take(change)
                    since, waits = change.revision, delays()
            except Gap as error:
                logger.info("reading again: %s", error)
                since = None
                stop.wait(next(waits))
            except (Unavailable, Refused) as error:
                level = logging.DEBUG if self._reason else logging.WARNING
                logger.log(level, "the keys of v2 wait for their store: %s", error)
                self._reason = str(error)
                stop.wait(next(waits))

    def _read(self) -> int:
        """Everything; what was missed meanwhile is told as far as keys and records show it."""
        read = self.store.entries("")
        if read.revision < self.revision:  # another store, or one that was restored
            with self._changed:
                self.tree, self.history = Tree(self.places), History()
                self.revision, self.records = 0, deque()
        newer = {k: v for k, v in read.entries.items() if v.revision > self.revision}
        self._apply(newer, frozenset(set(self.tree.keys()) - set(read.entries)), read.revision)
        return read.revision

    def _take(self, change: Change) -> None:
        if change.put or change.gone:
            put = {k: Entry(v, change.revisions[k]) for k, v in change.put.items()}
            self._apply(put, change.gone, change.revision)

    def _apply(self, put: Mapping[str, Entry], gone: frozenset[str], revision: int) -> None:
        with self._changed:
            events = digest(self.tree, put, gone, revision, time.time())
            self.tree.apply(put, gone)
            for event in events:
                self.history.add(event)
            known = sorted((e.revision, k) for k, e in put.items() if k.startswith(EVENTS))
            self.records.extend(key for _, key in known)
            self.revision = revision
            self._changed.notify_all()
        self.listener(events)

    def old_records(self) -> list[str]:
        """Those that nobody can ask for any more, some hundred at once."""
        with self._changed:
            count = len(self.records) - KEPT
            return [self.records.popleft() for _ in range(count)] if count >= KEPT // 10 else []
