import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.policy.actors import Actor
from bootstrapper.policy.audit import START, Broken, Entry, head_of, record, seal, verify
from bootstrapper.policy.decide import decide
from bootstrapper.policy.file import DEFAULT
from bootstrapper.policy.rules import Ask

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
ASK = Ask(
    actor=Actor(name="user:ülrike", via="chat"),
    action="apply-roles",
    env="prod",
    hosts=tuple(f"web-{number}" for number in range(7)),
)


def chain(length: int = 5) -> list[Entry]:
    entries: list[Entry] = []
    for number in range(length):
        verdict = decide(DEFAULT, ASK, now=NOON)
        written = record(ASK, verdict, id=str(number), at=NOON, policy=DEFAULT.digest)
        entries.append(seal(head_of(entries[-1]) if entries else START, written))
    return entries


def other(value: Any) -> Any:
    match value:
        case int():
            return value + 1
        case tuple():
            return (*value, "x")
        case _:
            return f"{value}x"


def test_a_record_tells_the_verdict() -> None:
    entry = chain(1)[0]

    assert (entry.number, entry.at, entry.actor, entry.via) == (
        1,
        "2026-01-05T12:00:00.000Z",
        "user:ülrike",
        "chat",
    )
    assert (entry.hosts, entry.first_hosts[-1], len(entry.first_hosts)) == (7, "web-4", 5)
    assert (entry.effect, entry.rule, entry.reason) == ("deny", "", "no rule allows it")


def test_anybody_can_reckon_the_hash_anew() -> None:
    entry = chain(2)[1]
    fields = msgspec.to_builtins(entry)
    del fields["hash"]
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert entry.hash == sha256(text.encode()).hexdigest()


def test_a_chain_as_it_was_written_is_whole() -> None:
    entries = chain()

    assert verify(entries) is None
    assert verify(entries, end=head_of(entries[-1])) is None
    assert verify(entries[2:], after=head_of(entries[1])) is None
    assert verify([]) is None


@pytest.mark.parametrize("position", range(5))
@pytest.mark.parametrize("field", Entry.__struct_fields__)
def test_any_changed_field_is_named(field: str, position: int) -> None:
    entries = chain()
    changed = msgspec.structs.replace(
        entries[position], **{field: other(getattr(entries[position], field))}
    )
    entries[position] = changed

    broken = verify(entries)

    assert broken is not None
    assert broken.number == position + 1


def test_a_change_that_is_sealed_anew_shows_in_the_entry_after() -> None:
    entries = chain()
    rewritten = record(ASK, decide(DEFAULT, ASK, now=NOON), id="x", at=NOON, policy="another")
    entries[1] = seal(head_of(entries[0]), rewritten)

    assert verify(entries) == Broken(3, "entry 3 does not follow entry 2 as it is now")


@given(st.integers(0, 3))
def test_a_removed_entry_is_named(position: int) -> None:
    entries = chain()
    del entries[position]

    broken = verify(entries)

    assert broken is not None
    assert broken.number == position + 1
    assert "is missing" in broken.text


@given(st.lists(st.integers(0, 4), min_size=2, max_size=2, unique=True))
def test_swapped_entries_are_named(positions: list[int]) -> None:
    entries = chain()
    a, b = positions
    entries[a], entries[b] = entries[b], entries[a]

    broken = verify(entries)

    assert broken is not None
    assert broken.number == min(a, b) + 1


def test_a_cut_off_end_shows_when_the_head_is_known() -> None:
    entries = chain()
    end = head_of(entries[-1])

    assert verify(entries[:3]) is None
    assert verify(entries[:3], end=end) == Broken(4, "the chain does not end in 5")
