"""A real Redis, each test below a key prefix of its own."""

from collections.abc import Iterator

import pytest

from bootstrapper.ids import new_id
from bootstrapper.redis_link import Client
from support.redis import RedisServer


@pytest.fixture
def client(redis_server: RedisServer) -> Iterator[Client]:
    with redis_server.client() as made:
        yield made


@pytest.fixture
def prefix() -> str:
    return f"{new_id()}:"
