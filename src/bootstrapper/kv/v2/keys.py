"""etcd's v2 keys over a store: a request in, what v2 answers out. Blocking; for many threads.

A write is decided on the tree and done as one guarded step; when somebody was faster it is
decided again. Requests for one path take turns, so that they do not race each other.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

import msgspec

from bootstrapper.errors import Refused, Unavailable
from bootstrapper.ids import new_id
from bootstrapper.kv.store import Delete, Keys, Lease
from bootstrapper.kv.v2.decide import Moment, decide, expire, look
from bootstrapper.kv.v2.errors import Code, V2Error
from bootstrapper.kv.v2.following import Following
from bootstrapper.kv.v2.plan import Plan
from bootstrapper.kv.v2.records import STEP, index_of
from bootstrapper.kv.v2.request import Request
from bootstrapper.kv.v2.tree import Tree
from bootstrapper.kv.v2.views import Event, Happened, happened, node_view
from bootstrapper.lifecycle import Stop

SECONDS = 5.0  # to be the fastest once
TURNS = 64
LOOK = 0.25  # seconds until `stop` is looked at
BATCH = 100  # writes of one step that etcd takes
WRITTEN = ("set", "create", "update", "compareAndSwap")

Decision = Callable[[Tree, Moment], Plan]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    event: Event
    index: int
    created: bool = False


class V2Keys:
    def __init__(self, following: Following) -> None:
        self.following = following
        self._store: Keys = following.store
        self._turns = [threading.Lock() for _ in range(TURNS)]

    def answer(self, request: Request) -> Answer:
        """Raises V2Error, Unavailable; a write that ended in Unavailable may have happened."""
        if request.method == "GET":
            return self._get(request)
        with self._turns[hash(request.path) % TURNS]:
            done = self._write(lambda tree, moment: decide(tree, request, moment))
        event = done.event
        created = event.action == "create" or (event.action == "set" and event.prevNode is None)
        if request.no_value and event.action in WRITTEN:
            event = Event(action=event.action)
        return Answer(event=event, index=done.index + STEP - 1, created=created)

    def begin_watch(self, request: Request) -> tuple[int, int]:
        """The index of now, and the one from which on events are wanted."""
        with self.following.newest() as now:
            index = _newest_index(now.revision)
            return index, request.wait_index or index + 1

    def next_event(self, request: Request, since: int) -> Happened | None:
        """The first that concerns a watcher; None: it is still to come."""
        with self.following.held() as now:
            try:
                return now.history.first(request.path, since, recursive=request.recursive)
            except V2Error as error:
                raise _at(error, now.revision) from error

    def reap(self, stop: Stop) -> None:
        """The loop that ends what has lived its time, and forgets old history."""
        while not stop.is_set():
            try:
                path = self.following.wait_due(stop, LOOK)
                if path is not None:
                    self._expire(path)
                self._trim()
            except (Unavailable, Refused):
                stop.wait(LOOK)

    def _get(self, request: Request) -> Answer:
        with self.following.newest() as now:
            try:
                node = look(now.tree, request.path)
            except V2Error as error:
                raise _at(error, now.revision) from error
            view = node_view(request.path, node, time.time(), recursive=request.recursive)
            return Answer(event=Event(action="get", node=view), index=_newest_index(now.revision))

    def _write(self, decision: Decision) -> Happened:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            plan, lease = self._planned(decision)
            revision = self._store.write(plan.writes, plan.when)
            if revision is not None:
                if plan.over:
                    with suppress(Unavailable, Refused):  # it ends by itself too
                        self._store.revoke(Lease(plan.over, 0))
                return happened(plan.record, revision)
            if lease is not None:
                self._store.revoke(lease)
        raise Unavailable("others write these keys all the time")

    def _planned(self, decision: Decision) -> tuple[Plan, Lease | None]:
        plan = self._decided(decision, None)
        if not plan.lease:
            return plan, None
        lease = self._store.grant(plan.lease)
        try:
            return self._decided(decision, lease), lease
        except V2Error:
            self._store.revoke(lease)
            raise

    def _decided(self, decision: Decision, lease: Lease | None) -> Plan:
        with self.following.newest() as now:
            try:
                return decision(now.tree, Moment(time.time(), new_id(), now.revision, lease))
            except V2Error as error:
                raise _at(error, now.revision) from error

    def _expire(self, path: str) -> None:
        """Unless somebody was faster, or gave it more time."""

        def still_due(tree: Tree, moment: Moment) -> Plan:
            node = look(tree, path)
            if not node.expires or node.expires > moment.now:
                raise V2Error(Code.NOT_FOUND, path)
            return expire(tree, path, moment)

        with suppress(V2Error):
            self._write(still_due)

    def _trim(self) -> None:
        old = self.following.old_records()
        for first in range(0, len(old), BATCH):
            self._store.write([Delete(key) for key in old[first : first + BATCH]])


def _newest_index(revision: int) -> int:
    """Greater than that of every event up to this revision."""
    return index_of(revision, STEP - 1)


def _at(error: V2Error, revision: int) -> V2Error:
    return V2Error(error.code, error.cause, index=_newest_index(revision), status=error.status)
