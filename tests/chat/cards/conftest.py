"""Cards on a real Redis, through the real Voice, in a Slack of the tests' own."""

from collections.abc import Iterator

import pytest

from support.cards import CardsWorld
from support.redis import RedisServer
from support.slack import FakeSlack


@pytest.fixture(scope="module")
def slack() -> Iterator[FakeSlack]:
    """Each test has a channel of its own; limits are those that it sets."""
    made = FakeSlack().start()
    made.limits.off()
    yield made
    made.stop()


@pytest.fixture
def world(redis_server: RedisServer, slack: FakeSlack) -> Iterator[CardsWorld]:
    with CardsWorld(redis_server, slack) as made:
        yield made
