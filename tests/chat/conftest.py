"""A talk with the bot, one for the whole session: each test looks at what came last."""

from collections.abc import Iterator

import pytest

from support.conversation import Talk, a_talk
from support.redis import RedisServer
from support.services import short_folder


@pytest.fixture(scope="session")
def talk(redis_server: RedisServer) -> Iterator[Talk]:
    with short_folder("talk") as folder, a_talk(redis_server, folder) as made:
        yield made
