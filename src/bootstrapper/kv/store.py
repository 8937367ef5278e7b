"""What is asked of a key-value store, and nothing about which one it is.

Every write has a revision, a number that only grows; a reader says up to which one it knows the
keys and hears what came after. `Store` is for those who read, write and follow; `Claims` for
those who must be the only one: leases, and writes that happen only if nobody was faster.
Text that is not UTF-8 travels as surrogate escapes. All calls block, each for a bounded time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from bootstrapper.errors import Refused, Unavailable
from bootstrapper.lifecycle import Stop

NO_GUARD: Mapping[str, int] = MappingProxyType({})
ABSENT = 0
"""The revision of a key that is not there."""


class Gap(Unavailable):
    """What changed since then is not known any more: read everything again."""


class LeaseOver(Refused):
    """The lease has run out or was given up: grant another."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All keys below a prefix as they were at one revision."""

    values: Mapping[str, str]
    revision: int


@dataclass(frozen=True, slots=True)
class Change:
    """What is different at `revision`; several writes may be told as one.

    `revisions`: of the last write of each key that was put.
    """

    revision: int
    put: Mapping[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    revisions: Mapping[str, int] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """One key: `revision` is that of its last write, `lease` the id of what keeps it or ""."""

    value: str
    revision: int
    lease: str = ""


@dataclass(frozen=True, slots=True)
class Entries:
    """As a Snapshot, with all that is known of each key."""

    entries: Mapping[str, Entry]
    revision: int


@dataclass(frozen=True, slots=True)
class Lease:
    """Keys put with it go when nobody kept it for `ttl` seconds (the store may round up)."""

    id: str
    ttl: float


@dataclass(frozen=True, slots=True)
class Put:
    key: str
    value: str
    lease: Lease | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    key: str


@dataclass(frozen=True, slots=True)
class Clear:
    """All keys that begin with `key`, those that nobody knows of yet too."""

    key: str


Write = Put | Delete | Clear


class Store(Protocol):
    """Raises Unavailable when it cannot answer in time, Refused when it says no for good.

    An acknowledged write is on disk. A write that ended in Unavailable may have happened.
    """

    def read(self, prefix: str) -> Snapshot:
        """Nothing that was acknowledged before the call is missing."""
        ...

    def put(self, key: str, value: str, lease: Lease | None = None) -> int:
        """The revision of this write. Without a lease the key stays until it is deleted."""
        ...

    def delete(self, key: str) -> int:
        """Deleting what is not there is no error, and no change."""
        ...

    def clear(self, prefix: str) -> int:
        """Delete all keys below `prefix` in one step."""
        ...

    def changes(self, prefix: str, since: int, stop: Stop) -> Iterator[Change]:
        """What changes below `prefix` after revision `since`, in order, nothing left out.

        The first Change is empty and says that the watch stands. Ends when `stop` is set; raises
        Gap when `since` is too old, Unavailable when the store is lost or its link is silent.
        """
        ...


class Claims(Protocol):
    def grant(self, ttl: float) -> Lease: ...

    def keep(self, lease: Lease) -> bool:
        """Begin its time anew; False when it is over."""
        ...

    def revoke(self, lease: Lease) -> None:
        """End it now, and its keys with it. One that is over already is no error."""
        ...

    def look(self, key: str) -> Entry | None: ...

    def entries(self, prefix: str) -> Entries:
        """What `look` tells of every key below `prefix`, at one revision."""
        ...

    def write(self, writes: Sequence[Write], when: Mapping[str, int] = NO_GUARD) -> int | None:
        """All writes in one step if each key of `when` has that revision (ABSENT: is not there).

        None when one has not: somebody was faster. A write of ours whose answer was lost is
        recognised, so let values name their writer. No key may be written twice.
        """
        ...


class Keys(Store, Claims, Protocol):
    """Both, as each of the two stores is."""


def claim(
    store: Claims, key: str, value: str, lease: Lease | None, expected_revision: int = ABSENT
) -> int | None:
    """Take `key` if nobody has it (or if it is still at `expected_revision`): its new revision."""
    return store.write((Put(key, value, lease),), {key: expected_revision})
