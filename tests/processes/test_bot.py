"""Who the bot is, asked when it starts."""

from threading import Event

import pytest

from bootstrapper.chat.busy import SlackRefused
from bootstrapper.chat.slack.voice import Voice
from bootstrapper.processes.bot import identity
from support.slack import FakeSlack


def test_a_token_that_slack_refuses_is_named_by_its_setting() -> None:
    slack = FakeSlack().start()
    try:
        with pytest.raises(SlackRefused, match=r"^chat\.bot_token: .*invalid_auth.*chat check"):
            identity(Voice("xoxb-wrong", slack.api), Event())
    finally:
        slack.stop()
