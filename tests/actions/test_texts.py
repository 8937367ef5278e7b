from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any, ClassVar, Literal

import pytest
from msgspec import Meta

from bootstrapper.actions.action import Action
from bootstrapper.actions.described import fields_of
from bootstrapper.actions.texts import moment, read_field
from bootstrapper.errors import Mistake

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Paint(Action, frozen=True, kw_only=True):
    """Paint something."""

    NAME: ClassVar[str] = "paint"

    what: Annotated[str, Meta(description="the thing", extra={"flags": ["-w", "--what"]})]
    colour: Colour = Colour.RED
    layers: Literal[1, 2] = 1
    wet: bool = False
    litres: float | None = None
    walls: tuple[int, ...] = ()
    names: Annotated[list[str] | None, Meta(description="of painters")] = None
    mix: dict[str, Any] = {}
    spec: Any = None


FIELDS = {field.name: field for field in fields_of(Paint)}


def test_a_field_is_described_by_its_type_alone() -> None:
    what, names = FIELDS["what"], FIELDS["names"]

    assert (what.kind, what.description, what.required) == (str, "the thing", True)
    assert what.flags == ("-w", "--what")
    assert (names.is_list, names.item, names.description) == (True, str, "of painters")
    assert FIELDS["colour"].choices == ("red", "blue")
    assert FIELDS["layers"].choices == (1, 2)
    assert FIELDS["mix"].is_mapping


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("what", " a,b ", " a,b "),
        ("colour", "blue", "blue"),
        ("layers", "2", 2),
        ("wet", "On", True),
        ("wet", "0", False),
        ("litres", "0.5", 0.5),
        ("walls", "1, 2", [1, 2]),
        ("walls", "[]", []),
        ("names", "a, b,", ["a", "b"]),
        ("names", '["a,b"]', ["a,b"]),
        ("names", "[a-c]*", ["[a-c]*"]),
        ("mix", "a=1 b='x y'", {"a": "1", "b": "x y"}),
        ("mix", '{"a": 1}', {"a": 1}),
        ("spec", "[1]", [1]),
    ],
)
def test_a_text_is_read_as_its_field_wants_it(field: str, text: str, value: Any) -> None:
    assert read_field(FIELDS[field], text) == value


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("colour", "blu", "'blu' is none of red, blue; did you mean 'blue'?"),
        ("layers", "3", "'3' is none of 1, 2"),
        ("wet", "moist", "'moist' is neither yes nor no"),
        ("litres", "much", "'much' is not a number"),
        ("walls", "1,x", "'x' is not a whole number"),
        ("mix", "@/etc/passwd", "not key=value or JSON"),
        ("spec", "{", "not JSON"),
    ],
)
def test_a_text_that_does_not_fit_names_its_field(field: str, text: str, says: str) -> None:
    with pytest.raises(Mistake) as raised:
        read_field(FIELDS[field], text)

    assert says in str(raised.value)
    assert raised.value.field == field


def test_a_time_that_is_too_far_away_is_a_mistake() -> None:
    with pytest.raises(Mistake, match="too far away"):
        moment("999999999w", NOON)
