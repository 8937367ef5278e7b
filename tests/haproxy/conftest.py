"""Each test that takes a `binary` runs on both versions of HAProxy."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.haproxy import DEBIAN, Haproxy, newer, preamble
from support.services import short_folder

Start = Callable[[str], Haproxy]
"""A running HAProxy with these sections after the usual preamble."""


@pytest.fixture(params=["2.6", "2.8"])
def binary(request: pytest.FixtureRequest) -> str:
    return DEBIAN if request.param == "2.6" else newer()


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder("haproxy") as made:
        yield made


@pytest.fixture
def start(binary: str, folder: Path) -> Iterator[Start]:
    started: list[Haproxy] = []

    def run(sections: str) -> Haproxy:
        haproxy = Haproxy(folder, preamble(folder) + sections, binary)
        started.append(haproxy)
        return haproxy.start()

    yield run
    for each in started:
        each.stop()
