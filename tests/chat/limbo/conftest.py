"""Folders of plugins in limbo's style, and what runs them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bootstrapper.chat.limbo.plugins import Plugins

HERE = Path(__file__).parent
Opener = Callable[..., Plugins]


def folder_of(kind: str, into: Path) -> Path:
    """The plugins of `old` or `hostile`, as the files that limbo finds."""
    into.mkdir()
    for file in (HERE / kind).glob("*.plugin"):
        (into / f"{file.stem}.py").write_text(file.read_text())
    return into


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return folder_of("old", tmp_path / "old")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    made: list[Plugins] = []

    def opener(kind: str, *wanted: str, timeout: float = 20.0) -> Plugins:
        folder = folder_of(kind, tmp_path / f"{kind}{len(made)}")
        made.append(
            Plugins(folder, tmp_path / "work", timeout=timeout, environment={}, wanted=wanted)
        )
        return made[-1]

    yield opener
    for each in made:
        each.close()
