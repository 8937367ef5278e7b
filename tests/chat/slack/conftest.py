"""A Slack of the tests' own, and what stands between it and the inbox."""

from collections.abc import Iterator

import pytest
from slack_bolt import App

from bootstrapper.chat.slack.app import make_app
from bootstrapper.chat.slack.voice import Voice
from bootstrapper.settings import Chat
from support.hearing import ME, Kept, hearing
from support.slack import FakeSlack


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    made = FakeSlack().start()
    made.courier.waits = (0.1, 0.1, 0.1)
    yield made
    made.stop()


@pytest.fixture
def ann(slack: FakeSlack) -> str:
    return slack.user("ann")


@pytest.fixture
def ops(slack: FakeSlack, ann: str) -> str:
    return slack.channel("ops", ann)


@pytest.fixture
def voice(slack: FakeSlack) -> Voice:
    return Voice(slack.bot_token, slack.api)


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def app(slack: FakeSlack, kept: Kept) -> App:
    return make_app(Chat(api=slack.api), ME, kept)


@pytest.fixture
def heard_by_socket(slack: FakeSlack, app: App) -> Iterator[None]:
    with hearing(slack, app):
        yield
