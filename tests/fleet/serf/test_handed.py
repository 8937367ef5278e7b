"""What a handler was given: read as it was meant, whatever stands in the tags."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.fleet.serf.handed import (
    Handed,
    HandedMember,
    outdated,
    read_members,
    read_tags,
    said_of,
)
from bootstrapper.fleet.serf.script import script
from bootstrapper.fleet.values import Said

WEB = "web1\t10.0.0.1\tfrontend\trole=frontend,zone=a\n"


def handed(name: str = "web1", age: float = 0.0) -> Handed:
    member = HandedMember(name=name, address="10.0.0.1", tags={"zone": "a"})
    return Handed(event="member-failed", by="lb1", members=(member,), age=age)


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("", []),
        (WEB, [("web1", "10.0.0.1", "frontend", {"role": "frontend", "zone": "a"})]),
        (WEB.strip(), [("web1", "10.0.0.1", "frontend", {"role": "frontend", "zone": "a"})]),
        ("db\t::1\t\t\n", [("db", "::1", "", {})]),
        ("db\t::1\t\trole=db\n", [("db", "::1", "db", {"role": "db"})]),
        ("a\t10.0.0.1\t\tx=1\nb\t10.0.0.2\t\t\n", [("a", "10.0.0.1", "", {"x": "1"}),
                                                   ("b", "10.0.0.2", "", {})]),
        ("a\t10.0.0.1\t\tmotd=two\nlines,x=1\n", [("a", "10.0.0.1", "",
                                                   {"motd": "two\nlines", "x": "1"})]),
        ("a\t10.0.0.1\t\tmotd=a\tb\tc\td\n", [("a", "10.0.0.1", "", {"motd": "a\tb\tc\td"})]),
        ("a\t10.0.0.1\t\tmotd=x\nevil\tno address\t\t\n",
         [("a", "10.0.0.1", "", {"motd": "x\nevil\tno address\t\t"})]),
        ("a\t10.0.0.1\t\tmotd=x\n../b\t10.0.0.2\t\t\n",
         [("a", "10.0.0.1", "", {"motd": "x\n../b\t10.0.0.2\t\t"})]),
        ("a\t10.0.0.1\t\n", []),
        ("noise\n" + WEB, [("web1", "10.0.0.1", "frontend", {"role": "frontend", "zone": "a"})]),
    ],
)  # fmt: skip
def test_lines_are_members_when_they_can_be(
    text: str, members: list[tuple[str, str, str, dict[str, str]]]
) -> None:
    assert [(x.name, x.address, x.role, x.tags) for x in read_members(text)] == members


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("", {}),
        ("a=1", {"a": "1"}),
        ("a=,b=2", {"a": "", "b": "2"}),
        ("a=1,2,3,b=4", {"a": "1,2,3", "b": "4"}),
        ("a=x=y", {"a": "x=y"}),
        ("a=say, b = c", {"a": "say, b = c"}),
        ("lost,a=1", {"a": "1"}),
        ("=1", {}),
    ],
)
def test_what_has_no_name_belongs_to_the_value_before(text: str, tags: dict[str, str]) -> None:
    assert read_tags(text) == tags


@given(st.text(st.sampled_from("ab\t\n,=./1:")) | st.text())
def test_whatever_comes_is_read_and_can_be_handed_over(text: str) -> None:
    members = read_members(text)
    found = {"event": "member-join", "by": "lb1", "members": msgspec.to_builtins(members)}

    assert msgspec.convert(found, Handed).members == members


def test_the_time_of_an_event_is_the_servers_less_its_age() -> None:
    (said,) = said_of(handed(age=2.5), 1000.0)

    assert said == Said(
        node="web1", event="member-failed", address="10.0.0.1", at=997.5, by="lb1",
        tags={"zone": "a"},
    )  # fmt: skip
    assert next(said_of(handed(age=float("inf")), 10_000.0)).at == 6400.0


def test_a_try_that_came_late_does_not_undo_what_was_said_since() -> None:
    (early,) = said_of(handed(age=5.0), 1000.0)
    (late,) = said_of(handed(), 999.0)

    assert outdated(early, late)
    assert not outdated(late, early)
    assert not outdated(early, None)


def test_the_script_knows_whom_it_was_fetched_from() -> None:
    assert "default_url=''\n" in script()
    assert "default_url='http://a b/'\n" in script("http://a b/")
    assert "default_url=https://control:8410\n" in script("https://control:8410")
