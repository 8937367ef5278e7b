"""A Slack of the tests' own, and what stands between it and the inbox."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from slack_bolt import App

from bootstrapper.chat.heard import AnyHeard
from bootstrapper.chat.slack.app import make_app
from bootstrapper.chat.slack.identity import Identity
from bootstrapper.chat.slack.socket import listen
from bootstrapper.chat.slack.voice import Voice
from bootstrapper.errors import Unavailable
from bootstrapper.settings import Chat
from support.eventually import eventually
from support.slack import FakeSlack
from support.slack.values import BOT, BOT_ID, TEAM

ME = Identity(user=BOT, bot=BOT_ID, team=TEAM)


class Kept:
    """In the place of the inbox: what was kept, and whether it takes anything."""

    def __init__(self) -> None:
        self.heard: list[AnyHeard] = []
        self.away = False

    def __call__(self, heard: AnyHeard) -> None:
        if self.away:
            raise Unavailable("Redis is away")
        if heard.id not in [each.id for each in self.heard]:
            self.heard.append(heard)

    def one(self) -> AnyHeard:
        return eventually(lambda: self.heard, what="something is heard")[0]


Hearing = Callable[[], AbstractContextManager[FakeSlack]]


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


@contextmanager
def hearing(slack: FakeSlack, app: App) -> Iterator[None]:
    """Socket Mode, connected, until the end; what it raised is raised."""
    stop, raised = threading.Event(), []

    def run() -> None:
        try:
            listen(app, slack.app_token, slack.api, stop)
        except Exception as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        eventually(lambda: slack.connections or raised, what="the bot is connected")
        yield
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive(), "listening does not end"
    if raised:
        raise raised[0]


@pytest.fixture
def heard_by_socket(slack: FakeSlack, app: App) -> Iterator[None]:
    with hearing(slack, app):
        yield
