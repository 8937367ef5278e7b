"""What a Serf handler hands over: read from what the agent gave it, and made into records. Pure.

No agent escapes the commas and equals signs within a tag, and some not even tabs and line ends
(others make them `\\t` and `\\n`). What cannot be a line of its own is taken for a part of the tags
before it; and all of this stays a hint: whoever sets tags in Serf could also join under any name.
"""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from bootstrapper.fleet.values import Address, Name, Said, is_name

Event = Literal["member-join", "member-leave", "member-failed", "member-update", "member-reap"]
OLDEST = 3600.0
_FIELDS = 4
_TAG = re.compile(r"[^\s=,]{1,200}")
Text = Annotated[str, Meta(max_length=1000)]


class HandedMember(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name
    address: Annotated[Address, Meta(min_length=1)]
    role: Text = ""
    tags: dict[Text, Text] = {}


class Handed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One event, as a handler got it. `by`: the name of its agent's node.

    `age`: seconds since the handler got it; clocks of machines differ, this does not.
    """

    event: Event
    by: Annotated[str, Meta(min_length=1, max_length=200)]
    members: Annotated[tuple[HandedMember, ...], Meta(max_length=10_000)]
    age: Annotated[float, Meta(ge=0)] = 0.0


def read_members(text: str) -> tuple[HandedMember, ...]:
    """Lines of name, address, role and tags, with tabs between: a handler's standard input."""
    rows: list[list[str]] = []
    for line in text.split("\n"):
        row = line.split("\t", _FIELDS - 1)
        if len(row) == _FIELDS and is_name(row[0]) and _is_address(row[1]):
            rows.append(row)
        elif rows and line:
            rows[-1][-1] += f"\n{line}"
    return tuple(_member(*row) for row in rows)


def read_tags(text: str) -> dict[str, str]:
    """`a=1,b=2`: what has no name of its own belongs to the value before it."""
    found: dict[str, str] = {}
    last = ""
    for piece in text.split(","):
        name, equals, value = piece.partition("=")
        if equals and _TAG.fullmatch(name):
            last, found[name] = name, value
        elif last:
            found[last] += f",{piece}"
    return found


def said_of(handed: Handed, now: float) -> Iterator[Said]:
    at = now - min(handed.age, OLDEST)
    for member in handed.members:
        yield Said(
            node=member.name, event=handed.event, address=member.address, at=at, by=handed.by,
            role=member.role, tags=member.tags,
        )  # fmt: skip


def outdated(said: Said, known: Said | None) -> bool:
    """Whether something later is known already: a try that came late must not undo it."""
    return known is not None and known.at > said.at


def _member(name: str, address: str, role: str, tags: str) -> HandedMember:
    found = {key[:1000]: value[:1000] for key, value in read_tags(tags).items()}
    role = role or found.get("role", "")
    return HandedMember(name=name, address=address, role=role[:1000], tags=found)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
