"""What is a name to the API: Python's `$` also matches before a line break, and that is none."""

import msgspec
import pytest

from bootstrapper.api.route import Name
from bootstrapper.jobs.job import LockName


@pytest.fixture(autouse=True)
def tidy() -> None:
    """There is nothing to tidy: no server is asked."""


@pytest.mark.parametrize("kind", [Name, LockName])
@pytest.mark.parametrize("text", ["a", "web-1", "a b", "größe", "x" * 200])
def test_a_name(kind: type[str], text: str) -> None:
    assert msgspec.convert(text, kind) == text


@pytest.mark.parametrize("kind", [Name, LockName])
@pytest.mark.parametrize("text", ["", "a\n", "\na", "a\nb", "\n", "a\r\n", "a\x7f", "x" * 201])
def test_no_name(kind: type[str], text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(text, kind)
