"""What is remembered: groups of notices that are told together, and each message that is under way.

A `Sending` is written down before it is sent: after a kill the same message goes out again, under
the same id, so that a receiver can tell.
"""

import hashlib
from enum import Enum

import msgspec

from bootstrapper.notify.notice import Notice, worst
from bootstrapper.settings.notify import Severity

Labels = tuple[tuple[str, str], ...]
MOST = 1000
"""Notices that a group keeps; those beyond are only counted."""


class Why(Enum):
    """Why a message is sent."""

    FIRST = "new"
    NEWS = "there is news"
    REPEAT = "told again, as nobody ended it"
    TEST = "a test"


class Item(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A notice of a group. `came`: when it was last said; `told`: it was; `ended_by`: and when."""

    notice: Notice
    came: float
    told: bool = False
    ended_by: Notice | None = None
    ended: float = 0.0

    @property
    def holds(self) -> bool:
        """Told, and not over."""
        return self.told and self.ended_by is None


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    notice: Notice
    by: Notice


class Sending(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message for one receiver. `more`: type → notices that are only counted.

    `digest`: how many are listed at most. `tries`, `again`, `refused`: how it went so far (Unix
    times; `refused`: since when the receiver says no to it).
    """

    id: str
    at: float
    rule: str
    receiver: str
    why: Why
    labels: Labels = ()
    opened: tuple[Notice, ...] = ()
    ended: tuple[Ended, ...] = ()
    more: dict[str, int] = {}
    digest: int = 20
    tries: int = 0
    again: float = 0.0
    refused: float = 0.0

    @property
    def severity(self) -> Severity:
        return worst(tuple(each.severity for each in self.opened))

    @property
    def count(self) -> int:
        return len(self.opened) + len(self.ended) + sum(self.more.values())


class Group(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`sent`: when its last message was done (Unix time; 0: none); `number`: of its messages."""

    rule: str
    receiver: str
    labels: Labels = ()
    items: tuple[Item, ...] = ()
    more: dict[str, int] = {}
    more_since: float = 0.0
    sent: float = 0.0
    number: int = 0
    sending: Sending | None = None

    @property
    def id(self) -> str:
        return group_id(self.rule, self.receiver, self.labels)


def group_id(rule: str, receiver: str, labels: Labels) -> str:
    said = msgspec.json.encode([rule, receiver, labels])
    return f"{rule}/{receiver}/{hashlib.sha256(said).hexdigest()[:16]}"


def sending_id(group: Group, at: float, notices: tuple[Notice, ...]) -> str:
    """The same for the same message of the same group, and for no other."""
    said = [group.id, group.number, at, [each.id for each in notices]]
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:32]


Groups = dict[str, Group]
"""By id."""
