"""What the docs say is what there is: generated pages, names, links."""

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from bootstrapper.actions.registry import actions

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs/reference"
API = (REFERENCE / "api.md").read_text()
PAGES = sorted(
    page
    for page in ROOT.rglob("*.md")
    if not any(part.startswith(".") for part in page.relative_to(ROOT).parts)
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
_VERBS = "list|read|write|cancel|approve|reject|raise|report"
BUTTONS = ROOT / "src/bootstrapper/chat/blocks"
OPERATION = re.compile(rf"[a-z]+\.(?:{_VERBS})")


def _reference() -> ModuleType:
    """`script/reference.py`, which is no module of the package."""
    spec = importlib.util.spec_from_file_location("reference", ROOT / "script/reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["settings.md", "events.md", "notifications.md"])
def test_a_generated_page_is_what_the_definitions_say(name: str) -> None:
    pages = _reference().PAGES

    assert (REFERENCE / name).read_text() == pages[name](), "run script/reference.py"


def test_every_page_that_is_generated_is_tested() -> None:
    assert set(_reference().PAGES) == {"settings.md", "events.md", "notifications.md"}


@pytest.mark.parametrize(
    "name",
    sorted(n for n, kind in actions().items() if kind.__module__.startswith("bootstrapper.")),
)
def test_every_action_is_named(name: str) -> None:
    assert f"`{name}`" in API


def _operations() -> Iterator[str]:
    """Every text of the source that is an operation's name, as the policy judges it; what buttons
    of the chat are called is none."""
    for file in (ROOT / "src").rglob("*.py"):
        if file.is_relative_to(BUTTONS):
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and OPERATION.fullmatch(text):
                yield text


OPERATIONS = sorted(set(_operations()))


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_is_named(name: str) -> None:
    assert f"`{name}`" in API


def test_every_operation_that_is_named_is_judged() -> None:
    named = set(re.findall(r"`([a-z]+\.[a-z]+)`", API.split("| operations")[1]))

    assert named == set(OPERATIONS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    targets = [each for each in LINK.findall(page.read_text()) if "://" not in each]
    files = [each.partition("#")[0] for each in targets if not each.startswith(("#", "mailto:"))]

    assert [each for each in files if not (page.parent / each).exists()] == []


def test_there_are_pages_and_links() -> None:
    assert len(PAGES) > 10
    assert any(LINK.search(page.read_text()) for page in PAGES)
