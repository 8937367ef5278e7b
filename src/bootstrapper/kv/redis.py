"""A store in Redis, the embedded default: each step is one Lua script (`lua/`), atomic and on disk.

A step changes keys, counts the revision and tells the change in a bounded stream, all at once, so
a watcher misses nothing; leases end by Redis' own clock in whoever's step comes next. A write
bears a nonce: a repeated one, after a cut connection, is answered as the first was.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import chain
from typing import Any

from bootstrapper.errors import Refused
from bootstrapper.ids import new_id
from bootstrapper.kv.redis_watch import watch
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
from bootstrapper.redis_link import Client, translated

STEPS = ("read", "entries", "look", "write", "grant", "keep", "revoke", "turn")
BROKEN_GUARD, NO_LEASE = -1, -2
Raw = str | bytes | int


class RedisStore:
    """`listener` is a client of its own for watching, whose answers may take a second.

    `history`: changes kept for watchers that were away; older ones are a Gap for them.
    """

    def __init__(self, client: Client, listener: Client, prefix: str, *, history: int) -> None:
        self._prefix = prefix
        self._listener = listener
        self._history = history
        folder = files("bootstrapper.kv") / "lua"
        prelude = (folder / "prelude.lua").read_text()
        self._steps = {
            name: client.register_script(prelude + (folder / f"{name}.lua").read_text())
            for name in STEPS
        }

    def read(self, prefix: str) -> Snapshot:
        with translated(f"reading below {prefix!r}"):
            revision, keys, values = self._run("read", *_range(prefix))
        return Snapshot(dict(zip(map(_text, keys), map(_text, values), strict=True)), revision)

    def entries(self, prefix: str) -> Entries:
        with translated(f"reading below {prefix!r}"):
            revision, keys, *columns = self._run("entries", *_range(prefix))
        rows = zip(*columns, strict=True)
        found = (Entry(_text(value), int(at), _text(lease or b"")) for value, at, lease in rows)
        return Entries(dict(zip(map(_text, keys), found, strict=True)), revision)

    def put(self, key: str, value: str, lease: Lease | None = None) -> int:
        with translated(f"putting {key!r}"):
            return _written(self._write(NO_GUARD, _step(Put(key, value, lease))))

    def delete(self, key: str) -> int:
        with translated(f"deleting {key!r}"):
            return _written(self._write(NO_GUARD, _step(Delete(key))))

    def clear(self, prefix: str) -> int:
        with translated(f"deleting below {prefix!r}"):
            return _written(self._write(NO_GUARD, ("clear", *_range(prefix), "")))

    def changes(self, prefix: str, since: int, stop: Stop) -> Iterator[Change]:
        def turn() -> int:
            return int(self._run("turn", client=self._listener))

        return watch(self._listener, f"{self._prefix}changes", turn, prefix, since, stop)

    def grant(self, ttl: float) -> Lease:
        lease = Lease(new_id(), ttl)
        with translated("granting a lease"):
            self._run("grant", lease.id, max(1, int(ttl * 1000)))
        return lease

    def keep(self, lease: Lease) -> bool:
        with translated("keeping a lease"):
            return bool(self._run("keep", lease.id))

    def revoke(self, lease: Lease) -> None:
        with translated("revoking a lease"):
            self._run("revoke", lease.id)

    def look(self, key: str) -> Entry | None:
        with translated(f"reading {key!r}"):
            found = self._run("look", _raw(key))
        return Entry(_text(found[0]), found[1], _text(found[2])) if found else None

    def write(self, writes: Sequence[Write], when: Mapping[str, int] = NO_GUARD) -> int | None:
        if len({each.key for each in writes}) < len(writes):
            raise Refused("a key is written twice in one step")
        with translated("a guarded write"):
            revision = self._write(when, *map(_step, writes))
        return None if revision == BROKEN_GUARD else _written(revision)

    def _write(self, when: Mapping[str, int], *steps: tuple[Raw, ...]) -> int:
        pairs: list[tuple[Raw, ...]] = [(_raw(key), revision) for key, revision in when.items()]
        rest = chain.from_iterable([*pairs, *steps])
        return int(self._run("write", new_id(), len(when), *rest))

    def _run(self, step: str, *arguments: Raw, client: Client | None = None) -> Any:
        return self._steps[step](
            keys=[self._prefix], args=[self._history, *arguments], client=client
        )


def _written(revision: int) -> int:
    if revision == NO_LEASE:
        raise LeaseOver("the lease is over: grant another")
    return revision


def _step(write: Write) -> tuple[Raw, ...]:
    if not write.key:
        raise Refused("a key without a name")
    match write:
        case Put(key, value, lease):
            return "put", _raw(key), _raw(value), lease.id if lease else ""
        case Delete(key):
            return "delete", _raw(key), "", ""
        case Clear(key):
            return "clear", *_range(key), ""


def _range(prefix: str) -> tuple[bytes, bytes]:
    """The first key below `prefix`, and the first that is not below it any more."""
    raw = _raw(prefix)
    end = raw.rstrip(b"\xff")
    return b"[" + raw, b"(" + end[:-1] + bytes([end[-1] + 1]) if end else b"+"


def _raw(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def _text(raw: bytes) -> str:
    return raw.decode(errors="surrogateescape")
