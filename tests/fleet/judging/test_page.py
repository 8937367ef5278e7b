"""The page of the brakes says what the settings and the rules are."""

from pathlib import Path

import msgspec
import pytest

from bootstrapper.fleet.judging.verdicts import Rule
from bootstrapper.settings.fleet import Brakes

PAGE = (Path(__file__).parents[3] / "docs" / "explanation" / "brakes.md").read_text()
ROWS = [
    [cell.strip() for cell in line.split("|")[1:-1]] for line in PAGE.splitlines() if "|" in line
]
TOLD = {
    name.strip("` "): default.strip()
    for row in ROWS if len(row) == 4 and row[1].startswith("`")
    for name, default in zip(row[1].split(","), row[2].split(","), strict=True)
}  # fmt: skip


@pytest.mark.parametrize("field", msgspec.structs.fields(Brakes), ids=lambda field: field.name)
def test_each_setting_is_told_with_its_default(field: msgspec.structs.FieldInfo) -> None:
    default = getattr(Brakes(), field.name)
    told = "true" if default is True else f"{default:g}" if default != {} else "{}"

    assert TOLD[field.name] == told


@pytest.mark.parametrize("rule", ["quorum", "self-preservation", "brake", "floor", "witness"])
def test_each_rule_that_holds_is_told(rule: str) -> None:
    assert Rule(rule)
    assert any(row[0] == rule for row in ROWS)
