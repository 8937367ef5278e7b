"""Random templates, and what confd 0.16 made of them: output to the byte, or refusal."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bootstrapper.templates.confd_template import parse_confd
from bootstrapper.templates.gotemplate import TemplateError
from bootstrapper.templates.keys import Keys

DATA = Path(__file__).parent / "data"


def flat(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for name, below in node.items():
            yield from flat(below, f"{path}/{name}")
    else:
        yield path, str(node)


def cases() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DATA / "random_templates.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def keys() -> Keys:
    return Keys(dict(flat(yaml.safe_load((DATA / "data.yaml").read_text("utf-8")))))


def outcome(case: dict[str, Any], keys: Keys) -> str | None:
    try:
        return parse_confd("random.tmpl", case["template"], keys).render()
    except TemplateError:
        return None


def test_random_templates_give_what_confd_gives(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOSTNAME", "localhost")
    differ = [case for case in cases() if outcome(case, keys) != case.get("output")]
    assert differ == []


def test_the_cases_hold_both_successes_and_failures() -> None:
    succeed = [case["ok"] for case in cases()]
    assert len(succeed) == 400
    assert 100 < sum(succeed) < 300
