"""A fake Slack of its own for each test, with a channel, and the real client."""

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient

from support.slack import FakeSlack


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    server = FakeSlack().start()
    yield server
    server.stop()


@pytest.fixture
def client(slack: FakeSlack) -> WebClient:
    return WebClient(slack.bot_token, base_url=slack.api)


@pytest.fixture
def ops(slack: FakeSlack) -> str:
    return slack.channel("ops", slack.user("ann"))
