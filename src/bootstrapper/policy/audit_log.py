"""The audit in Redis: stream `<prefix>audit`, whose entry `<number>-0` is the chain's `number`.

Many processes append to one chain. Each seals its entry on the head it knows; the script takes it
only if that still is the head, and otherwise answers the head to seal on again.
"""

import threading
from importlib.resources import files
from typing import Any

import msgspec
import redis

from bootstrapper.errors import Refused, Unavailable
from bootstrapper.policy.audit import START, Entry, Head, Record, head_of, seal
from bootstrapper.redis_link import translated

TRIES = 1000  # each costs one round trip, and each failure means that another process got ahead


class AuditLog:
    def __init__(self, redis: redis.Redis, prefix: str) -> None:
        self._redis = redis
        self._key = f"{prefix}audit"
        script = (files("bootstrapper.policy") / "lua" / "append.lua").read_text()
        self._append = redis.register_script(script)
        self._known = START
        self._turn = threading.Lock()  # threads of one process wait here instead of racing

    def append(self, record: Record) -> Entry:
        """Written when it returns: one round trip, unless another process wrote in between."""
        with self._turn, translated("writing the audit"):
            for _ in range(TRIES):
                entry = seal(self._known, record)
                head = self._offer(entry)
                if head is None:
                    self._known = head_of(entry)
                    return entry
                self._known = head
        raise Unavailable("writing the audit: too many others write to it at once")

    def entries(self, after: int = 0, count: int = 1000) -> tuple[Entry, ...]:
        """Up to `count` entries whose numbers are greater than `after`, in order."""
        with translated("reading the audit"):
            found: Any = self._redis.xrange(self._key, f"{after + 1}-0", "+", count)
        return tuple(_entry(number, fields) for number, fields in found)

    def head(self) -> Head:
        """`START` while nothing is written."""
        with translated("reading the audit"):
            found: Any = self._redis.xrevrange(self._key, count=1)
        return head_of(_entry(*found[0])) if found else START

    def _offer(self, entry: Entry) -> Head | None:
        """None when it is written; else the head as it is now."""
        arguments = (entry.number, entry.previous, entry.hash, msgspec.json.encode(entry))
        answer: Any = self._append(keys=[self._key], args=arguments)
        return None if answer is None else Head(int(answer[0]), answer[1].decode() or START.hash)


def _entry(number: bytes, fields: dict[bytes, bytes]) -> Entry:
    try:
        return msgspec.json.decode(fields[b"entry"], type=Entry)
    except (KeyError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Refused(f"audit entry {number.decode()} cannot be read: {error}") from error
