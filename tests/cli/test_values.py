from argparse import ArgumentTypeError
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bootstrapper.cli.values import moment, number, seconds, variables, words

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", ["a"]), ("a,b", ["a", "b"]), (" a , ,b,", ["a", "b"]), ("", [])],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("port=80", {"port": "80"}),
        ("a=1 b=2", {"a": "1", "b": "2"}),
        ("motd='hello world' x=", {"motd": "hello world", "x": ""}),
        (r"path=C:\temp\new", {"path": r"C:\temp\new"}),
        ("query=a=b", {"query": "a=b"}),
        ("colour=#fff", {"colour": "#fff"}),
        ('{"a": 1, "b": [true]}', {"a": 1, "b": [True]}),
    ],
)
def test_variables_as_ansibles_users_write_them(text: str, expected: dict[str, Any]) -> None:
    assert variables(text) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [("a: 1\nb: [x]\n", {"a": 1, "b": ["x"]}), ('{"a": 1}', {"a": 1}), ("", {})],
)
def test_variables_from_a_file(tmp_path: Path, content: str, expected: dict[str, Any]) -> None:
    file = tmp_path / "vars"
    file.write_text(content)

    assert variables(f"@{file}") == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("port", "not key=value"),
        ("=80", "not key=value"),
        ("a='b", "no closing quotation"),
        ("{a", "not JSON"),
        ("@/no/such/file", "No such file"),
    ],
)
def test_variables_that_are_none(text: str, says: str) -> None:
    with pytest.raises(ArgumentTypeError, match=says):
        variables(text)


@pytest.mark.parametrize("content", ["- a\n", "a: [", "!!python/object/apply:os.getcwd []"])
def test_a_file_without_variables(tmp_path: Path, content: str) -> None:
    file = tmp_path / "vars.yml"
    file.write_text(content)

    with pytest.raises(ArgumentTypeError, match=r"vars\.yml"):
        variables(f"@{file}")


@pytest.mark.parametrize(
    ("text", "expected"), [("90", 90), ("90s", 90), ("1.5m", 90), ("2h", 7200), ("1d", 86400)]
)
def test_durations(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("15m", "2026-01-05T12:15:00.000Z"),
        ("+2h", "2026-01-05T14:00:00.000Z"),
        ("2026-02-01T10:00:00+01:00", "2026-02-01T09:00:00.000Z"),
    ],
)
def test_moments(text: str, expected: str) -> None:
    assert moment(text, NOON) == expected


@pytest.mark.parametrize("text", ["tomorrow", "2026-02-01T10:00:00", "-1h"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="duration from now"):
        moment(text, NOON)


def test_what_is_no_number() -> None:
    with pytest.raises(ArgumentTypeError, match="'many' is not a whole number"):
        number(int)("many")
