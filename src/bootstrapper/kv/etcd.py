"""A store in etcd v3, over its JSON gateway: plain blocking HTTP, safe to fork around.

Each call may be asked twice of etcd (see `etcd_http`), so each bears it: a lease's id is chosen
here, and a guarded write that finds its guard broken looks whether it broke it itself.
"""

import math
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bootstrapper.errors import Unavailable
from bootstrapper.kv.etcd_http import EtcdFault, Gateway
from bootstrapper.kv.etcd_replies import (
    Done,
    Keeping,
    KeyValue,
    Range,
    Transaction,
    below,
    encoded,
    text,
)
from bootstrapper.kv.etcd_watch import watch
from bootstrapper.kv.store import (
    NO_GUARD,
    Change,
    Clear,
    Delete,
    Entries,
    Entry,
    Lease,
    LeaseOver,
    Put,
    Snapshot,
    Write,
)
from bootstrapper.lifecycle import Stop

NOT_FOUND, EXISTS, OUT_OF_RANGE = 5, 9, 11  # gRPC's codes
PAGE = 2000  # keys


class EtcdStore:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def read(self, prefix: str) -> Snapshot:
        found, revision = self._read(prefix)
        return Snapshot({text(kv.key): text(kv.value) for kv in found}, revision)

    def entries(self, prefix: str) -> Entries:
        found, revision = self._read(prefix)
        return Entries({text(kv.key): kv.entry() for kv in found}, revision)

    def _read(self, prefix: str) -> tuple[list[KeyValue], int]:
        """In pages of one revision, so that each is answered within a try."""
        found: list[KeyValue] = []
        page = below(prefix) | {"limit": str(PAGE)}
        while True:
            try:
                reply = self._gateway.ask("/v3/kv/range", page, Range)
            except EtcdFault as error:
                if error.code == OUT_OF_RANGE:
                    raise Unavailable(f"{prefix!r} was compacted while it was read") from error
                raise
            found.extend(reply.kvs)
            revision = int(page.setdefault("revision", str(reply.header.revision)))
            if not reply.more:
                return found, revision
            page["key"] = encoded(reply.kvs[-1].key + b"\0")

    def put(self, key: str, value: str, lease: Lease | None = None) -> int:
        try:
            reply = self._gateway.ask("/v3/kv/put", _put(Put(key, value, lease)), Done)
        except EtcdFault as error:
            raise _or_lease_over(error) from error
        return reply.header.revision

    def delete(self, key: str) -> int:
        body = {"key": encoded(key)}
        return self._gateway.ask("/v3/kv/deleterange", body, Done).header.revision

    def clear(self, prefix: str) -> int:
        return self._gateway.ask("/v3/kv/deleterange", below(prefix), Done).header.revision

    def changes(self, prefix: str, since: int, stop: Stop) -> Iterator[Change]:
        return watch(self._gateway, prefix, since, stop)

    def grant(self, ttl: float) -> Lease:
        number = secrets.randbits(62) + 1
        seconds = max(1, math.ceil(ttl))
        try:
            self._gateway.ask("/v3/lease/grant", {"ID": str(number), "TTL": str(seconds)}, Done)
        except EtcdFault as error:
            if error.code != EXISTS:  # it does, when the first try was heard after all
                raise
        return Lease(f"{number:x}", float(seconds))

    def keep(self, lease: Lease) -> bool:
        reply = self._gateway.ask("/v3/lease/keepalive", {"ID": _number(lease)}, Keeping)
        if reply.result is None:
            raise Unavailable(f"etcd keeps no lease now: {reply.error and reply.error.message}")
        return reply.result.TTL > 0

    def revoke(self, lease: Lease) -> None:
        try:
            self._gateway.ask("/v3/lease/revoke", {"ID": _number(lease)}, Done)
        except EtcdFault as error:
            if error.code != NOT_FOUND:
                raise

    def look(self, key: str) -> Entry | None:
        found = self._gateway.ask("/v3/kv/range", {"key": encoded(key)}, Range).kvs
        return found[0].entry() if found else None

    def write(self, writes: Sequence[Write], when: Mapping[str, int] = NO_GUARD) -> int | None:
        body = {
            "compare": [_guard(key, revision) for key, revision in when.items()],
            "success": [_step(each) for each in writes],
            "failure": [{"request_range": _look(each)} for each in writes],
        }
        try:
            answer = self._gateway.answer("/v3/kv/txn", body, Transaction)
        except EtcdFault as error:
            raise _or_lease_over(error) from error
        if answer.value.succeeded:
            return answer.value.header.revision
        return _done_before(writes, answer.value) if answer.doubtful else None


def _done_before(writes: Sequence[Write], reply: Transaction) -> int | None:
    """The revision at which an earlier try of ours was heard; None when it was somebody else."""
    revisions = []
    for wanted, step in zip(writes, reply.responses, strict=True):
        entry = step.response_range.kvs[0].entry() if step.response_range.kvs else None
        match wanted, entry:
            case Put(value=value, lease=lease), Entry(revision=revision) if (
                entry.value == value and entry.lease == (lease.id if lease else "")
            ):
                revisions.append(revision)
            case Delete() | Clear(), None:
                pass
            case _:
                return None
    return max(revisions, default=reply.header.revision)


def _guard(key: str, revision: int) -> dict[str, Any]:
    """A key that is not there has the revision 0."""
    return {
        "key": encoded(key),
        "target": "MOD",
        "result": "EQUAL",
        "mod_revision": str(revision),
    }


def _step(write: Write) -> dict[str, Any]:
    match write:
        case Put():
            return {"request_put": _put(write)}
        case Delete(key):
            return {"request_delete_range": {"key": encoded(key)}}
        case Clear(key):
            return {"request_delete_range": below(key)}


def _look(write: Write) -> dict[str, Any]:
    if isinstance(write, Clear):
        return below(write.key) | {"limit": "1"}
    return {"key": encoded(write.key)}


def _put(put: Put) -> dict[str, Any]:
    body = {"key": encoded(put.key), "value": encoded(put.value)}
    return body | {"lease": _number(put.lease)} if put.lease else body


def _number(lease: Lease) -> str:
    return str(int(lease.id, 16))


def _or_lease_over(error: EtcdFault) -> Exception:
    return LeaseOver(str(error)) if error.code == NOT_FOUND else error
