"""The reference is true: its examples hold, and it leaves nothing out."""

import re
from pathlib import Path

import pytest

from bootstrapper.policy.cases import run_cases
from bootstrapper.policy.decide import Reason
from bootstrapper.policy.file import parse
from bootstrapper.policy.file_cases import KINDS as CASE_KEYS
from bootstrapper.policy.rules import Rule

PAGE = (Path(__file__).parents[2] / "docs/reference/policy.md").read_text()
EXAMPLES = re.findall(r"^```toml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_holds(example: str) -> None:
    results = run_cases(parse(example))

    assert results
    assert [result.text for result in results if not result.passed] == []


def test_there_is_an_example() -> None:
    assert EXAMPLES


@pytest.mark.parametrize("key", Rule.__struct_fields__)
def test_every_key_of_a_rule_has_its_row(key: str) -> None:
    assert f"\n| `{key}` |" in PAGE


@pytest.mark.parametrize("key", CASE_KEYS)
def test_every_key_of_a_case_is_named(key: str) -> None:
    assert f"`{key}`" in PAGE.split("## `[[case]]`")[1]


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_row(reason: Reason) -> None:
    assert f"\n| {reason.value} |" in PAGE
