"""Hear of changes in Redis: a blocking read of the stream that every step writes into.

Each entry has its revision as its id and no revision is left out, so a missing number is a gap.
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from bootstrapper.kv.store import Change, Gap
from bootstrapper.lifecycle import Stop
from bootstrapper.redis_link import Client, translated

LOOK = 0.3  # seconds until leases are swept and `stop` is looked at
BATCH = 1000  # entries of one turn
_LENGTH = struct.Struct(">I")


def watch(
    client: Client, stream: str, turn: Callable[[], int], prefix: str, since: int, stop: Stop
) -> Iterator[Change]:
    """`turn` ends leases that are over, and tells the revision of now."""
    if stop.is_set():
        return
    what = f"watching {prefix!r}"
    below = prefix.encode(errors="surrogateescape")
    stands, seen = False, since
    while not stop.is_set():
        with translated(what):
            now = turn()
            entries = _entries(client, stream, seen, block=stands and now == seen)
        _check(now, entries, seen, what)
        if not stands:
            yield Change(since)
            stands = True
        if entries:
            seen = entries[-1][0]
            change = merged(entries, below)
            if change.put or change.gone:
                yield change


def merged(entries: Sequence[tuple[int, bytes]], below: bytes) -> Change:
    """What is different below a prefix after all of them, in their order."""
    put: dict[str, str] = {}
    gone: set[str] = set()
    revisions: dict[str, int] = {}
    for revision, ops in entries:
        for raw, value in _ops(ops):
            if not raw.startswith(below):
                continue
            key = raw.decode(errors="surrogateescape")
            if value is None:
                put.pop(key, None)
                gone.add(key)
            else:
                gone.discard(key)
                put[key] = value.decode(errors="surrogateescape")
                revisions[key] = revision
    return Change(entries[-1][0], put, frozenset(gone), revisions)


def _ops(blob: bytes) -> Iterator[tuple[bytes, bytes | None]]:
    """`+` key value or `-` key, each with its length before it, as prelude.lua writes them."""
    at = 0
    while at < len(blob):
        kind, at = blob[at : at + 1], at + 1
        key, at = _take(blob, at)
        value = None
        if kind == b"+":
            value, at = _take(blob, at)
        yield key, value


def _take(blob: bytes, at: int) -> tuple[bytes, int]:
    (length,) = _LENGTH.unpack_from(blob, at)
    start = at + _LENGTH.size
    return blob[start : start + length], start + length


def _entries(client: Client, stream: str, seen: int, *, block: bool) -> list[tuple[int, bytes]]:
    wait = int(LOOK * 1000) if block else None
    answer: Any = client.xread({stream: f"{seen}-0"}, count=BATCH, block=wait)
    if not answer:
        return []
    found: Any = next(iter(answer.values())) if isinstance(answer, dict) else answer[0][1]
    while found and isinstance(found[0], list):  # RESP3 wraps each stream's entries once more
        found = found[0]
    return [(int(entry.partition(b"-")[0]), fields[b"ops"]) for entry, fields in found]


def _check(now: int, entries: Sequence[tuple[int, bytes]], seen: int, what: str) -> None:
    """A store behind what was read from it has been restored; a missing number was trimmed."""
    if now < seen:
        raise Gap(f"{what}: Redis is at revision {now}, what is known is of {seen}")
    if (now > seen and not entries) or (entries and entries[0][0] != seen + 1):
        raise Gap(f"{what}: Redis does not tell any more what came after revision {seen}")
