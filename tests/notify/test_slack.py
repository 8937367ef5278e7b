"""Slack as a receiver, over the real client."""

from collections.abc import Iterator

import pytest

from bootstrapper.chat.blocks.notices import SECTIONS, notice_message
from bootstrapper.chat.notices import in_slack
from bootstrapper.chat.slack.voice import Voice
from bootstrapper.errors import Mistake, Refused, Unavailable
from bootstrapper.notify.receiver import Later
from support.notices import a_fact, a_notice, a_sending
from support.slack import FakeSlack


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    made = FakeSlack().start()
    yield made
    made.stop()


@pytest.fixture
def voice(slack: FakeSlack) -> Voice:
    return Voice(slack.bot_token, slack.api)


def test_a_channel_gets_it_once_however_often_it_is_tried(slack: FakeSlack, voice: Voice) -> None:
    channel, sending = slack.channel("ops"), a_sending(a_notice(), labels=(("env", "prod"),))

    for _ in range(2):
        in_slack(voice)(channel).send(sending)

    [post] = slack.calls("chat.postMessage", channel)
    assert post.args["text"] == "[error] job failed (prod)"


def test_a_user_gets_it_directly(slack: FakeSlack, voice: Voice) -> None:
    user = slack.user("ada")

    in_slack(voice)(user).send(a_sending(a_notice()))

    assert len(slack.calls("chat.postMessage", slack.direct(user))) == 1


def test_slacks_own_word_on_when_is_kept(slack: FakeSlack, voice: Voice) -> None:
    channel = slack.channel("ops")
    slack.fails("conversations.history", "ratelimited", status=429)

    with pytest.raises(Later) as caught:
        in_slack(voice)(channel).send(a_sending(a_notice()))

    assert caught.value.seconds > 0


def test_a_slack_that_is_away_is_unavailable(slack: FakeSlack, voice: Voice) -> None:
    channel = slack.channel("ops")
    slack.away()

    with pytest.raises(Unavailable):
        in_slack(voice)(channel).send(a_sending(a_notice()))


def test_a_channel_that_is_not_there_refuses(slack: FakeSlack, voice: Voice) -> None:
    with pytest.raises(Refused, match="channel_not_found"):
        in_slack(voice)("C0000000").send(a_sending(a_notice()))


def test_a_token_that_is_no_more_is_for_the_operator(slack: FakeSlack, voice: Voice) -> None:
    channel = slack.channel("ops")
    slack.revoke(slack.bot_token)

    with pytest.raises(Mistake, match="chat check"):
        in_slack(voice)(channel).send(a_sending(a_notice()))


def test_others_words_call_nobody_and_link_nowhere() -> None:
    message = notice_message(
        a_sending(a_notice(text="<!channel> & <https://x|y> *a*", link="https://ops/?a|b>c"))
    )

    [block] = message.blocks
    assert "&lt;!channel&gt; &amp; &lt;https://x|y&gt;" in block["text"]["text"]
    assert "<https://ops/?a%7Cb&gt;c|open>" in block["text"]["text"]
    assert message.mark.startswith("notice ")


def test_the_largest_message_is_within_slacks_limits() -> None:
    facts = [a_fact(subject=f"node:{n}", text="<" * 2000) for n in range(900)]

    message = notice_message(a_sending(*facts, digest=900))

    assert len(message.blocks) == SECTIONS
    assert all(len(block["text"]["text"]) <= 3000 for block in message.blocks)
