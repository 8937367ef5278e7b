"""What etcd's JSON gateway says and is told: numbers as text, keys and values in base64.

See etcd's `api_reference_v3` (rpc.proto) for the fields; what is left out has its zero value.
"""

from base64 import b64encode
from typing import Any

import msgspec

from bootstrapper.kv.store import Entry


class Header(msgspec.Struct, frozen=True):
    revision: int = 0


class KeyValue(msgspec.Struct, frozen=True):
    key: bytes = b""
    value: bytes = b""
    mod_revision: int = 0
    lease: int = 0

    def entry(self) -> Entry:
        return Entry(text(self.value), self.mod_revision, lease_text(self.lease))


class Done(msgspec.Struct, frozen=True):
    """The answer to what only has a revision: a put, a delete, a grant."""

    header: Header = Header()


class Range(msgspec.Struct, frozen=True):
    header: Header = Header()
    kvs: tuple[KeyValue, ...] = ()
    more: bool = False


class Step(msgspec.Struct, frozen=True):
    response_range: Range = Range()


class Transaction(msgspec.Struct, frozen=True):
    header: Header = Header()
    succeeded: bool = False
    responses: tuple[Step, ...] = ()


class Kept(msgspec.Struct, frozen=True):
    TTL: int = 0


class StreamFault(msgspec.Struct, frozen=True):
    message: str = ""


class Keeping(msgspec.Struct, frozen=True):
    result: Kept | None = None
    error: StreamFault | None = None


class Token(msgspec.Struct, frozen=True):
    token: str = ""


class Event(msgspec.Struct, frozen=True):
    kv: KeyValue
    type: str = "PUT"


class Watched(msgspec.Struct, frozen=True):
    created: bool = False
    canceled: bool = False
    compact_revision: int = 0
    cancel_reason: str = ""
    events: tuple[Event, ...] = ()


class Watching(msgspec.Struct, frozen=True):
    result: Watched | None = None
    error: StreamFault | None = None


class Fault(msgspec.Struct, frozen=True):
    """`code` is gRPC's."""

    error: str = ""
    code: int = 0


def below(prefix: str) -> dict[str, Any]:
    """etcd's way to say "every key that starts with `prefix`": up to the next one that does not."""
    raw = prefix.encode(errors="surrogateescape")
    if not raw.rstrip(b"\xff"):
        return {"key": encoded(raw or b"\0"), "range_end": encoded(b"\0")}
    end = raw.rstrip(b"\xff")
    return {"key": encoded(raw), "range_end": encoded(end[:-1] + bytes([end[-1] + 1]))}


def encoded(value: str | bytes) -> str:
    raw = value if isinstance(value, bytes) else value.encode(errors="surrogateescape")
    return b64encode(raw).decode()


def text(raw: bytes) -> str:
    return raw.decode(errors="surrogateescape")


def lease_text(number: int) -> str:
    return f"{number:x}" if number else ""


def _looked_at() -> None:
    """Before there are threads: msgspec crashes where two of them look at a new type at once."""
    for kind in list(globals().values()):
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            msgspec.json.Decoder(kind, strict=False)


_looked_at()
