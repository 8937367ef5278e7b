"""Serf's members as values, and what is different between two looks at them. Pure.

A restart within the time that Serf takes to notice gives no event: it shows when the node has a
tag that differs after each start, or another port.
"""

from collections.abc import Mapping
from enum import Enum
from ipaddress import ip_address
from typing import Any

import msgspec

from bootstrapper.fleet.serf.wire import fields, number, text

INCARNATION = "incarnation"
"""The tag that differs after each start of a node."""
_MAPPED = b"\0" * 10 + b"\xff\xff"
Members = Mapping[str, "Member"]
"""By name."""


class Status(Enum):
    ALIVE = "alive"
    LEAVING = "leaving"
    LEFT = "left"
    FAILED = "failed"
    NONE = "none"


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """Names and tags that are not UTF-8 hold surrogate escapes."""

    name: str
    address: str
    port: int
    status: Status
    tags: dict[str, str] = {}

    @property
    def joined_at(self) -> str:
        """What others join it by."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"

    @property
    def alive(self) -> bool:
        return self.status is Status.ALIVE


class Difference(Enum):
    APPEARED = "appeared"
    GONE = "gone"
    FAILED = "failed"
    LEAVING = "leaving"
    LEFT = "left"
    RETURNED = "returned"
    RESTARTED = "restarted"
    MOVED = "moved"
    TAGGED = "tagged"
    UNKNOWN = "unknown"


class Change(msgspec.Struct, frozen=True):
    """`after` is None when it is gone (its record was reaped); `before` when it is new."""

    what: Difference
    before: Member | None
    after: Member | None

    @property
    def name(self) -> str:
        member = self.after or self.before
        return member.name if member else ""


def compare(old: Members, new: Members) -> tuple[Change, ...]:
    """One for each name that differs, by name."""
    return tuple(
        Change(_what(old.get(name), new.get(name)), old.get(name), new.get(name))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    )


def apply(changes: tuple[Change, ...], members: Members) -> dict[str, Member]:
    found = dict(members)
    for change in changes:
        if change.after is None:
            del found[change.name]
        else:
            found[change.name] = change.after
    return found


_STATUSES = {each.value for each in Status}
_BY_STATUS = {
    Status.ALIVE: Difference.RETURNED,
    Status.LEAVING: Difference.LEAVING,
    Status.LEFT: Difference.LEFT,
    Status.FAILED: Difference.FAILED,
    Status.NONE: Difference.UNKNOWN,
}


def _what(before: Member | None, after: Member | None) -> Difference:
    """The most that can be said of it in one word."""
    if before is None:
        return Difference.APPEARED
    if after is None:
        return Difference.GONE
    if before.status is not after.status:
        return _BY_STATUS[after.status]
    if before.tags.get(INCARNATION) != after.tags.get(INCARNATION):
        return Difference.RESTARTED
    if (before.address, before.port) != (after.address, after.port):
        return Difference.MOVED
    return Difference.TAGGED


def read_member(raw: Any) -> Member:
    """As RPC has it. Raises Unavailable when it is no member at all."""
    found = fields(raw)
    status = text(found.get("Status", b""))
    return Member(
        name=text(found.get("Name", b"")),
        address=read_address(found.get("Addr", b"")),
        port=number(found.get("Port", 0)),
        status=Status(status) if status in _STATUSES else Status.NONE,
        tags={name: text(value) for name, value in fields(found.get("Tags") or {}).items()},
    )


def read_address(raw: Any) -> str:
    """Four or sixteen bytes; one of version 4 may be within one of version 6."""
    if not isinstance(raw, bytes):
        return text(raw)
    if len(raw) in (4, 16):
        return str(ip_address(raw.removeprefix(_MAPPED) if len(raw) == len(_MAPPED) + 4 else raw))
    return text(raw)
