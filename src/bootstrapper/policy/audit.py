"""The audit: every verdict, in a chain that shows when one was changed, removed or moved.

An entry's hash is the SHA-256 of its other fields as JSON: keys sorted, no spaces, UTF-8. One of
these fields is the hash of the entry before. The end of a chain can be cut off without a trace
unless its head is known from elsewhere: `verify` takes it as `end`.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

import msgspec
from msgspec import Struct

from bootstrapper.clock import to_text
from bootstrapper.policy.rules import Ask
from bootstrapper.policy.verdicts import Verdict

HOSTS_SHOWN = 5


class Head(Struct, frozen=True):
    """The newest entry: its number and its hash."""

    number: int
    hash: str


START = Head(0, "0" * 64)
"""What the first entry follows."""


class Record(Struct, frozen=True, kw_only=True):
    """What is to be written. `id` makes each one differ, even two alike in the same millisecond.

    `at` is RFC 3339; `hosts` is how many there were, `first_hosts` the first few; `policy` is
    the digest of the policy that decided; `job` is "" where none came of it.
    """

    id: str
    at: str
    actor: str
    via: str
    action: str
    env: str
    hosts: int
    first_hosts: tuple[str, ...]
    effect: str
    rule: str
    reason: str
    job: str
    policy: str


class Entry(Record, frozen=True, kw_only=True):
    """A record sealed in its place in the chain; numbers start at 1 and have no gaps."""

    number: int
    previous: str
    hash: str


class Broken(Struct, frozen=True):
    """`number` is the first that is not as it was written."""

    number: int
    text: str


def record(
    ask: Ask, verdict: Verdict, *, id: str, at: datetime, policy: str, job: str = ""
) -> Record:
    return Record(
        id=id,
        at=to_text(at),
        actor=ask.actor.name,
        via=ask.actor.via,
        action=ask.action,
        env=ask.env,
        hosts=len(ask.hosts),
        first_hosts=ask.hosts[:HOSTS_SHOWN],
        effect=verdict.effect.value,
        rule=verdict.rule,
        reason=verdict.reason.value,
        job=job,
        policy=policy,
    )


def seal(previous: Head, record: Record) -> Entry:
    """The entry that follows `previous`."""
    unsealed = Entry(
        **msgspec.structs.asdict(record),
        number=previous.number + 1,
        previous=previous.hash,
        hash="",
    )
    return msgspec.structs.replace(unsealed, hash=hash_of(unsealed))


def hash_of(entry: Entry) -> str:
    fields = msgspec.structs.asdict(entry)
    del fields["hash"]
    return sha256(msgspec.json.encode(fields, order="sorted")).hexdigest()


def head_of(entry: Entry) -> Head:
    return Head(entry.number, entry.hash)


def verify(
    entries: Iterable[Entry], *, after: Head = START, end: Head | None = None
) -> Broken | None:
    """None when the entries follow `after` without a fault (and reach `end`, where it is given)."""
    last = after
    for entry in entries:
        if fault := _fault(entry, last):
            return Broken(last.number + 1, fault)
        last = head_of(entry)
    if end and last != end:
        return Broken(min(last.number + 1, end.number), f"the chain does not end in {end.number}")
    return None


def _fault(entry: Entry, last: Head) -> str:
    if entry.number != last.number + 1:
        return f"entry {last.number + 1} is missing: {entry.number} is in its place"
    if entry.previous != last.hash:
        return f"entry {entry.number} does not follow entry {last.number} as it is now"
    if entry.hash != hash_of(entry):
        return f"entry {entry.number} was changed after it was written"
    return ""
