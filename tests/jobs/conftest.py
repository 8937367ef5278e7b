"""The store on a real Redis, each test below a key prefix of its own."""

from collections.abc import Iterator

import pytest

from bootstrapper.ids import new_id
from bootstrapper.jobs.store import Jobs
from support.redis import RedisServer
from support.specs import MakeJobs


@pytest.fixture
def make_jobs(redis_server: RedisServer) -> Iterator[MakeJobs]:
    """Each call makes another connection to the same records."""
    prefix = f"{new_id()}:"
    clients = []

    def make() -> Jobs:
        clients.append(redis_server.client())
        return Jobs(clients[-1], prefix)

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def jobs(make_jobs: MakeJobs) -> Jobs:
    return make_jobs()
