import os
from collections.abc import Iterator

import pytest

from bootstrapper.templates.backends.port import Backend
from support.services import short_folder
from templates.backends.world import World
from templates.backends.worlds import WORLDS


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(params=WORLDS, ids=lambda kind: kind.name)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with short_folder("values") as folder:
        made: World = request.param(folder)
        made.start()
        yield made
        made.stop()


@pytest.fixture
def backend(world: World) -> Backend:
    return world.backend()
