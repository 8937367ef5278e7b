"""The reference is true: its examples hold, and it leaves nothing out."""

import re
from pathlib import Path

import pytest

from bootstrapper.policy.cases import run_cases
from bootstrapper.policy.decide import Reason
from bootstrapper.policy.file import parse
from bootstrapper.policy.file_cases import KINDS as CASE_KEYS
from bootstrapper.policy.rules import Rule

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "reference/policy.md").read_text()
TOML = re.compile(r"^ *```toml\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
EXAMPLES = [*TOML.findall(PAGE), *TOML.findall((DOCS / "tutorial/first-role.md").read_text())]
CHAT = [
    text
    for page in ("set-up-slack", "who-may-do-what")
    for text in TOML.findall((DOCS / f"how-to/{page}.md").read_text())
    if "[[rule]]" in text
]
MOVE_IN = TOML.findall((DOCS / "how-to/move-in.md").read_text())


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_holds(example: str) -> None:
    results = run_cases(parse(example))

    assert results
    assert [result.text for result in results if not result.passed] == []


def test_there_is_an_example() -> None:
    assert EXAMPLES


def test_the_policy_of_moving_in_is_read() -> None:
    rules = [rule.name for text in MOVE_IN if "[[rule]]" in text for rule in parse(text).rules]

    assert rules == ["booting-machines"]


def test_the_policies_of_the_chat_hold() -> None:
    results = [result for text in CHAT for result in run_cases(parse(text))]

    assert len(CHAT) == 3
    assert len(results) == 5
    assert [result.text for result in results if not result.passed] == []


@pytest.mark.parametrize("key", Rule.__struct_fields__)
def test_every_key_of_a_rule_has_its_row(key: str) -> None:
    assert f"\n| `{key}` |" in PAGE


@pytest.mark.parametrize("key", CASE_KEYS)
def test_every_key_of_a_case_is_named(key: str) -> None:
    assert f"`{key}`" in PAGE.split("## `[[case]]`")[1]


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_row(reason: Reason) -> None:
    assert f"\n| {reason.value} |" in PAGE
