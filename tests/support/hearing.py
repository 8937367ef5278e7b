"""A bot that hears the tests' Slack, with a list in the place of its inbox."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from slack_bolt import App

from bootstrapper.chat.heard import AnyHeard
from bootstrapper.chat.slack.identity import Identity
from bootstrapper.chat.slack.socket import listen
from bootstrapper.errors import Error, Unavailable
from support.eventually import eventually
from support.slack import FakeSlack
from support.slack.values import BOT, BOT_ID, TEAM

ME = Identity(user=BOT, bot=BOT_ID, team=TEAM)

BUTTONS = {
    "type": "actions",
    "elements": [
        {"type": "button", "action_id": "cancel", "value": "job-1",
         "text": {"type": "plain_text", "text": "Cancel"}},
    ],
}  # fmt: skip


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


@contextmanager
def hearing(slack: FakeSlack, app: App) -> Iterator[None]:
    """Socket Mode, connected, until the end; what it raised is raised."""
    stop = threading.Event()
    raised: list[Error] = []

    def run() -> None:
        try:
            listen(app, slack.app_token, slack.api, stop)
        except Error as error:
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
