"""`serve` with v2 over each store, and v2's keys without HTTP: one of each for these tests."""

import threading
from collections.abc import Iterator

import pytest

from bootstrapper.ids import new_id
from support.control import ControlPlane
from support.kv import SERVERS, Server
from support.services import short_folder
from support.v2 import STORES, Inside, v2_server


@pytest.fixture(scope="session", params=STORES)
def plane(request: pytest.FixtureRequest) -> Iterator[ControlPlane]:
    with v2_server(request.param) as made:
        yield made


@pytest.fixture(scope="session", params=STORES)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with short_folder("v2") as folder:
        made = SERVERS[request.param](folder)
        made.start()
        yield made
        made.stop()


@pytest.fixture(scope="session")
def ended() -> Iterator[list[Inside]]:
    """Told to stop already; that they do is seen at the end, all at once."""
    made: list[Inside] = []
    yield made
    for each in made:
        each.join()


@pytest.fixture
def inside(server: Server, ended: list[Inside]) -> Iterator[Inside]:
    """Below a prefix of its own."""
    stop = threading.Event()
    made = Inside(server.store(), f"/{new_id()}", stop)
    yield made
    stop.set()
    ended.append(made)


@pytest.fixture
def at() -> str:
    """A folder of its own for each test."""
    return f"/{new_id()}"
