"""Cards on a real Redis, through the real Voice, in a Slack of the tests' own."""

from collections.abc import Iterator

import pytest

from support.cards import CardsWorld
from support.redis import RedisServer
from support.slack import FakeSlack


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    made = FakeSlack().start()
    yield made
    made.stop()


@pytest.fixture
def world(redis_server: RedisServer, slack: FakeSlack) -> Iterator[CardsWorld]:
    with CardsWorld(redis_server, slack) as made:
        yield made
