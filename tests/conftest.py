"""The services that several folders of tests share: one of each for the whole session."""

from collections.abc import Iterator

import pytest

from support.content import ADDRESSES
from support.dockerd import Dockerd
from support.redis import RedisServer
from support.services import short_folder
from support.site import Site, new_site
from support.sshd import Sshd


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """For the parts that need nothing else; each of their tests takes a key prefix of its own."""
    with short_folder("redis") as folder:
        server = RedisServer(folder).start()
        yield server
        server.stop()


@pytest.fixture(scope="session")
def sshd() -> Iterator[Sshd]:
    with short_folder("sshd") as folder:
        server = Sshd(folder, ADDRESSES).start()
        yield server
        server.stop()


@pytest.fixture(scope="session")
def dockerd_of_session() -> Iterator[Dockerd]:
    with short_folder("dd") as folder:
        server = Dockerd(folder).start()
        yield server
        server.stop()


@pytest.fixture
def dockerd(dockerd_of_session: Dockerd) -> Dockerd:
    """Without a container at first. A test that kills it leaves it killed: it is started again."""
    dockerd_of_session.start()
    dockerd_of_session.remove_all()
    return dockerd_of_session


@pytest.fixture(scope="session")
def site(sshd: Sshd) -> Iterator[Site]:
    """A whole control plane. Tests that kill its processes make one of their own."""
    with new_site(sshd) as made:
        yield made
