"""What is remembered across restarts, in Redis: groups, cursors, and how each receiver does.

<prefix>notified  hash: version, cursors, group:<id>, receiver:<name>

One transaction writes all that a turn changed, if nobody else has written since it was read.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from bootstrapper.control.parts import Parts
from bootstrapper.errors import Unavailable
from bootstrapper.notify.group import Group, Groups
from bootstrapper.notify.health import Health
from bootstrapper.redis_link import Client, translated

GROUP, RECEIVER = "group:", "receiver:"


class Cursors(msgspec.Struct, frozen=True, kw_only=True):
    """How far each source was read: ids of streams, a revision of the store. "" and -1: never."""

    ends: str = ""
    raised: str = ""
    fleet: int = -1


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    version: int = 0
    cursors: Cursors = Cursors()
    groups: Groups = {}
    healths: dict[str, Health] = {}


class Overtaken(Unavailable):
    """Somebody else wrote meanwhile: read again."""


def load(parts: Parts) -> Memory:
    with translated("reading what was told"):
        found: dict[bytes, bytes] = parts.redis.hgetall(_key(parts))
    texts = {name.decode(): text for name, text in found.items()}
    return Memory(
        version=int(texts.get("version", 0)),
        cursors=msgspec.json.decode(texts.get("cursors", b"{}"), type=Cursors),
        groups=_all(texts, GROUP, Group),
        healths=_all(texts, RECEIVER, Health),
    )


def _all(texts: Mapping[str, bytes], prefix: str, kind: Any) -> dict[str, Any]:
    decoder = msgspec.json.Decoder(kind)
    return {
        name.removeprefix(prefix): decoder.decode(text)
        for name, text in texts.items()
        if name.startswith(prefix)
    }


def save(parts: Parts, old: Memory, new: Memory, counts: Counter[tuple[str, str]]) -> Memory:
    """What is different, and `counts` (receiver and result → how often) for the metrics."""
    put, gone = _difference(old, new)
    if not put and not gone:
        return new
    version = old.version + 1

    def write(pipe: Client) -> None:
        if int(pipe.hget(_key(parts), "version") or 0) != old.version:
            raise Overtaken("somebody else tells notices meanwhile")
        pipe.multi()
        pipe.hset(_key(parts), mapping={**put, "version": version})
        if gone:
            pipe.hdel(_key(parts), *gone)
        for (receiver, result), count in counts.items():
            field = f"notified|{receiver}|{result}"
            pipe.hincrby(f"{parts.settings.redis.prefix}metrics", field, count)

    with translated("remembering what was told"):
        parts.redis.transaction(write, _key(parts))
    return msgspec.structs.replace(new, version=version)


def _difference(old: Memory, new: Memory) -> tuple[dict[str, bytes], list[str]]:
    before, after = _fields(old), _fields(new)
    put = {
        name: msgspec.json.encode(value)
        for name, value in after.items()
        if before.get(name) is not value and before.get(name) != value
    }
    return put, [name for name in before if name not in after]


def _fields(memory: Memory) -> dict[str, Any]:
    return {
        "cursors": memory.cursors,
        **{GROUP + name: group for name, group in memory.groups.items()},
        **{RECEIVER + name: health for name, health in memory.healths.items()},
    }


def _key(parts: Parts) -> str:
    return f"{parts.settings.redis.prefix}notified"
