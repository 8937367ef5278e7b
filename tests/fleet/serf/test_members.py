"""Members as values: read from the wire, and compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.errors import Unavailable
from bootstrapper.fleet.serf.members import (
    Difference,
    Member,
    Status,
    apply,
    compare,
    read_address,
    read_member,
)
from bootstrapper.fleet.serf.tags import agent_settings, check, merged, name_of, size_of


def member(
    name: str = "web", status: Status = Status.ALIVE, port: int = 7946, **tags: str
) -> Member:
    return Member(name=name, address="10.0.0.1", port=port, status=status, tags=tags)


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        (None, member(), Difference.APPEARED),
        (member(), None, Difference.GONE),
        (member(), member(status=Status.FAILED), Difference.FAILED),
        (member(), member(status=Status.LEAVING), Difference.LEAVING),
        (member(), member(status=Status.LEFT), Difference.LEFT),
        (member(status=Status.FAILED), member(port=8000), Difference.RETURNED),
        (member(incarnation="a"), member(incarnation="b", port=8000), Difference.RESTARTED),
        (member(), member(port=8000), Difference.MOVED),
        (member(zone="a"), member(zone="b"), Difference.TAGGED),
        (member(), member(status=Status.NONE), Difference.UNKNOWN),
    ],
)
def test_a_difference_is_one_word(
    before: Member | None, after: Member | None, what: Difference
) -> None:
    old = {"web": before} if before else {}
    new = {"web": after} if after else {}

    (change,) = compare(old, new)

    assert (change.what, change.before, change.after) == (what, before, after)
    assert change.name == "web"


looks = st.dictionaries(
    st.sampled_from("abc"),
    st.builds(
        Member,
        name=st.just("?"),
        address=st.sampled_from(["10.0.0.1", "10.0.0.2"]),
        port=st.sampled_from([1, 2]),
        status=st.sampled_from(Status),
        tags=st.dictionaries(st.sampled_from(["incarnation", "role"]), st.sampled_from("xy")),
    ),
).map(lambda found: {name: named(name, each) for name, each in found.items()})


def named(name: str, each: Member) -> Member:
    return Member(
        name=name, address=each.address, port=each.port, status=each.status, tags=each.tags
    )


@given(looks, looks)
def test_a_comparison_leads_from_one_look_to_the_other(
    old: dict[str, Member], new: dict[str, Member]
) -> None:
    assert apply(compare(old, new), old) == new
    assert compare(new, new) == ()


@pytest.mark.parametrize(
    ("raw", "address"),
    [
        (b"\x0a\x00\x00\x01", "10.0.0.1"),
        (b"\0" * 10 + b"\xff\xff\x0a\x00\x00\x01", "10.0.0.1"),
        (b"\x20\x01\x0d\xb8" + b"\0" * 11 + b"\x01", "2001:db8::1"),
        (b"10.0.0.17", "10.0.0.17"),
        (b"", ""),
    ],
)
def test_an_address_is_text(raw: bytes, address: str) -> None:
    assert read_address(raw) == address


def test_an_address_of_version_6_is_joined_in_brackets() -> None:
    assert Member(name="a", address="::1", port=7, status=Status.ALIVE).joined_at == "[::1]:7"


def test_a_status_that_nobody_knows_is_none() -> None:
    raw = {b"Name": b"web", b"Addr": b"", b"Port": 1, b"Status": b"dreaming", b"Tags": {}}

    assert read_member(raw).status is Status.NONE
    with pytest.raises(Unavailable):
        read_member([1])


@pytest.mark.parametrize(
    ("base", "incarnation", "name"),
    [
        ("web", "3f2a" * 16, "web-3f2a3f2a3f2a"),
        ("web", "run-7", "web-run-7"),
        ("my web/1", "", "my-web-1"),
        ("", "abc", "abc"),
    ],
)
def test_a_name_is_unique_per_incarnation(base: str, incarnation: str, name: str) -> None:
    assert name_of(base, incarnation) == name


def test_tags_are_merged_as_serf_merges_them() -> None:
    assert merged({"a": "1", "b": "2"}, {"b": "3"}, ["a"]) == {"b": "3"}
    assert size_of({}) == 2


def test_an_agent_says_goodbye_when_it_is_told_to_end() -> None:
    made = agent_settings(
        "web-1", bind="10.0.0.1", rpc="127.0.0.1:7373", tags={"role": "web"},
        handler="/usr/local/bin/handler.sh",
    )  # fmt: skip

    assert made["leave_on_terminate"] is True
    assert made["profile"] == "lan"
    assert made["event_handlers"][0].endswith("member-reap=/usr/local/bin/handler.sh")
    check(made["tags"])
