import msgspec
import pytest
from msgspec import Struct

from bootstrapper.actions.misfit import mistake_of


class Inner(Struct, forbid_unknown_fields=True):
    port: int


class Outer(Struct, forbid_unknown_fields=True):
    host: str
    inner: Inner | None = None


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({}, "host"),
        ({"host": 1}, "host"),
        ({"host": "a", "hots": "b"}, "hots"),
        ({"host": "a", "inner": {}}, "inner.port"),
        ({"host": "a", "inner": {"port": 1, "prt": 2}}, "inner.prt"),
        ([], ""),
    ],
)
def test_the_field_that_is_wrong_is_named(value: object, field: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(value, Outer)

    assert mistake_of(caught.value).field == field
