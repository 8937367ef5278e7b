"""The two stores that a fleet may stand in, real ones: started once a file, empty for each test."""

from collections.abc import Iterator

import pytest

from bootstrapper.kv.store import Keys
from support.kv import SERVERS, Server
from support.services import short_folder


@pytest.fixture(scope="module", params=sorted(SERVERS))
def started(request: pytest.FixtureRequest) -> Iterator[Server]:
    with short_folder("fleet") as folder:
        made = SERVERS[request.param](folder)
        made.start()
        yield made
        made.stop()


@pytest.fixture
def server(started: Server) -> Server:
    started.store().clear("/")
    return started


@pytest.fixture
def store(server: Server) -> Keys:
    return server.store()
