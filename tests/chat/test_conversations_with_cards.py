"""Conversations to their end: the job's own message is the answer, and its buttons work."""

from collections.abc import Iterator

import pytest

from bootstrapper.jobs.states import State
from support.conversation import Talk, a_talk, shown
from support.eventually import eventually
from support.redis import RedisServer
from support.services import short_folder
from support.slack import Posted


@pytest.fixture(scope="module")
def talk(redis_server: RedisServer) -> Iterator[Talk]:
    with short_folder("talk") as folder, a_talk(redis_server, folder, cards=True) as made:
        yield made


def card(talk: Talk, channel: str, text: str) -> Posted:
    """The message of the newest job, once it says this."""

    def look() -> Posted | None:
        found = [each for each in talk.slack.said(channel) if talk.job().id in shown(each)]
        return next((each for each in found if text in shown(each)), None)

    return eventually(look, within=10, what=f"a message with {text!r}")  # type: ignore[return-value]


def test_from_the_word_to_the_approval(talk: Talk) -> None:
    talk.says(talk.ann, "role hello web-1 prod")
    seen = card(talk, talk.ops, "waits for approval")
    talk.clicks(talk.ann, seen, "job.approve")
    assert "nobody approves what they asked for themselves" in talk.whisper(talk.ann)

    talk.clicks(talk.eve, seen, "job.approve")
    assert talk.job().approved_by == ("user:eve",)
    assert card(talk, talk.ops, "*pending*").ts == seen.ts


def test_a_job_after_a_slash_command_where_the_bot_is_not_is_shown_directly(talk: Talk) -> None:
    talk.commands(talk.ann, "role hello stage-1 staging", talk.secret)

    assert talk.job().spec.channel == talk.secret
    seen = card(talk, talk.direct, "*pending*")
    talk.clicks(talk.ann, seen, "job.cancel")
    assert talk.job().state is State.CANCELED
    assert card(talk, talk.direct, "*canceled*").ts == seen.ts
