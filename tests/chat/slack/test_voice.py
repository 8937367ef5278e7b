"""What the bot says, against the tests' Slack."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from bootstrapper.chat.busy import Busy, SlackRefused
from bootstrapper.chat.heard import Place
from bootstrapper.chat.message import Form, Message
from bootstrapper.chat.slack.voice import Voice
from bootstrapper.errors import Unavailable
from support.slack import BOT, FakeSlack
from support.slack.values import BOT_ID, TEAM

HELLO = Message(text="hello", mark="card 1")
TEXT = {"type": "section", "text": {"type": "mrkdwn", "text": "*hello*"}}
CANCEL = {
    "type": "actions",
    "elements": [
        {"type": "button", "action_id": "cancel", "value": "job-1",
         "text": {"type": "plain_text", "text": "Cancel"}},
    ],
}  # fmt: skip
WEB = {
    "type": "input", "block_id": "host", "label": {"type": "plain_text", "text": "Host"},
    "element": {"type": "plain_text_input", "action_id": "text"},
}  # fmt: skip


@pytest.fixture(scope="module")
def slack() -> Iterator[FakeSlack]:
    """One for all of them: each has a channel of its own."""
    made = FakeSlack().start()
    yield made
    made.stop()


@pytest.fixture
def place(ops: str) -> Place:
    return Place(channel=ops)


# — say —


def test_a_message_is_posted_with_its_mark(slack: FakeSlack, voice: Voice, place: Place) -> None:
    ts = voice.post(place, Message(text="hello", blocks=(TEXT,), mark="card 1"))

    (posted,) = slack.said(place.channel)
    assert (posted.ts, posted.text, posted.thread) == (ts, "hello", "")
    assert posted.blocks[0]["text"] == TEXT["text"]
    assert posted.metadata == {"event_type": "bootstrapper", "event_payload": {"mark": "card 1"}}


def test_a_reply_is_in_the_thread(slack: FakeSlack, voice: Voice, place: Place) -> None:
    head = voice.post(place, HELLO)

    ts = voice.post(Place(channel=place.channel, thread=head), Message(text="in it"))

    assert [each.ts for each in slack.thread(head)] == [ts]


def test_an_edit_leaves_nothing_of_the_old_blocks(
    slack: FakeSlack, voice: Voice, place: Place
) -> None:
    ts = voice.post(place, Message(text="running", blocks=(TEXT, CANCEL), mark="card 1"))

    voice.edit(place, ts, Message(text="done", mark="card 1"))

    (posted,) = slack.said(place.channel)
    assert (posted.text, posted.blocks) == ("done", [])


def test_a_whisper_is_seen_by_one(slack: FakeSlack, voice: Voice, place: Place, ann: str) -> None:
    voice.whisper(place, ann, Message(text="not allowed", blocks=(TEXT,)))

    (whisper,) = slack.whispers(ann)
    assert whisper.text == "not allowed"
    assert slack.said(place.channel) == []


def test_an_answer_to_a_command_is_seen_by_who_gave_it(
    slack: FakeSlack, voice: Voice, place: Place, ann: str
) -> None:
    url = slack.space.response_url(ann, place.channel, None)

    voice.respond(url, Message(text="your jobs"))

    assert [each.text for each in slack.whispers(ann)] == ["your jobs"]


@pytest.mark.parametrize(("replace", "texts"), [(True, ["after"]), (False, ["before", "after"])])
def test_an_answer_may_replace_what_was_clicked_in(
    slack: FakeSlack, voice: Voice, place: Place, ann: str, replace: bool, texts: list[str]
) -> None:
    voice.whisper(place, ann, Message(text="before", blocks=(CANCEL,)))
    url = slack.space.response_url(ann, place.channel, slack.whispers(ann)[0])

    voice.respond(url, Message(text="after"), replace=replace)

    assert [each.text for each in slack.whispers(ann)] == texts


def test_a_file(slack: FakeSlack, voice: Voice, place: Place) -> None:
    head = voice.post(place, HELLO)
    inside = Place(channel=place.channel, thread=head)

    voice.upload(inside, "log.txt", "größer\n".encode() * 1000, "The log", "all of it")

    file = slack.files[-1]
    assert (file.name, file.title, file.comment) == ("log.txt", "The log", "all of it")
    assert (file.channel, file.thread) == (place.channel, head)
    assert file.content == "größer\n".encode() * 1000


def test_a_form_is_opened_for_who_asked(slack: FakeSlack, voice: Voice, ann: str) -> None:
    form = Form(name="run", title="Run a module", submit="Run", blocks=(WEB,), carried="C1")

    voice.open_form(slack.space.trigger(ann), form)

    (view,) = slack.opened(ann)
    assert view.callback_id == "run"
    assert view.body["private_metadata"] == "C1"


def test_a_direct_conversation(slack: FakeSlack, voice: Voice, ann: str) -> None:
    place = voice.direct(ann)

    assert place == Place(channel=slack.direct(ann), direct=True)
    voice.post(place, HELLO)
    assert len(slack.said(place.channel)) == 1


def test_who_it_is_is_asked_once(slack: FakeSlack, voice: Voice) -> None:
    before = len(slack.calls("auth.test"))

    me = voice.me()

    assert (me.user, me.bot, me.team) == (BOT, BOT_ID, TEAM)
    assert voice.me() == me
    assert len(slack.calls("auth.test")) == before + 1


# — find —


def test_a_message_is_found_by_its_mark(voice: Voice, place: Place) -> None:
    since = time.time() - 5
    voice.post(place, Message(text="another", mark="card 0"))
    ts = voice.post(place, HELLO)
    voice.post(place, Message(text="no mark"))

    assert voice.find(place, "card 1", since) == ts
    assert voice.find(place, "card 2", since) == ""


def test_an_edited_message_keeps_its_mark(voice: Voice, place: Place) -> None:
    ts = voice.post(place, HELLO)
    voice.edit(place, ts, Message(text="done"))

    assert voice.find(place, "card 1", 0) == ts


def test_a_reply_is_found_in_its_thread_alone(voice: Voice, place: Place) -> None:
    head = voice.post(place, Message(text="head", mark="head"))
    inside = Place(channel=place.channel, thread=head)
    ts = voice.post(inside, HELLO)

    assert voice.find(inside, "card 1", 0) == ts
    assert voice.find(place, "card 1", 0) == ""


def test_it_looks_page_by_page(slack: FakeSlack, voice: Voice, ann: str, place: Place) -> None:
    ts = voice.post(place, HELLO)
    for number in range(250):
        slack.says(ann, place.channel, f"chatter {number}")

    assert voice.find(place, "card 1", 0) == ts
    assert len(slack.calls("conversations.history", place.channel)) == 2


def test_a_mark_of_somebody_else_is_none_of_ours(
    slack: FakeSlack, voice: Voice, ann: str, place: Place
) -> None:
    voice.post(place, HELLO)
    slack.said(place.channel)[0].user = ann

    assert voice.find(place, "card 1", 0) == ""


def test_what_is_older_is_not_looked_at(voice: Voice, place: Place) -> None:
    ts = voice.post(place, HELLO)

    assert voice.find(place, "card 1", float(ts) + 1) == ""


# — what Slack answers —


def test_a_rate_limit_says_how_long(slack: FakeSlack, voice: Voice, place: Place) -> None:
    for _ in range(3):
        voice.post(place, HELLO)

    with pytest.raises(Busy) as caught:
        voice.post(place, HELLO)

    calls = slack.calls("chat.postMessage", place.channel)
    assert [call.status for call in calls] == [200, 200, 200, 429]
    assert caught.value.seconds >= 1


@pytest.mark.parametrize("word", ["channel_not_found", "token_revoked", "is_archived"])
def test_a_refusal_is_told_by_its_word(
    slack: FakeSlack, voice: Voice, place: Place, word: str
) -> None:
    slack.fails("chat.postMessage", word)

    with pytest.raises(SlackRefused, match=word) as caught:
        voice.post(place, HELLO)
    assert caught.value.word == word


@pytest.mark.parametrize(
    ("word", "status"),
    [("internal_error", 200), ("service_unavailable", 200), ("fatal_error", 500), ("x", 503)],
)
def test_a_fault_of_slacks_is_for_later(
    slack: FakeSlack, voice: Voice, place: Place, word: str, status: int
) -> None:
    slack.fails("chat.postMessage", word, status=status)

    with pytest.raises(Unavailable):
        voice.post(place, HELLO)


def test_a_used_trigger_is_refused(slack: FakeSlack, voice: Voice, ann: str) -> None:
    form = Form(name="run", title="Run", submit="Run", blocks=(WEB,))
    trigger = slack.space.trigger(ann)
    voice.open_form(trigger, form)

    with pytest.raises(SlackRefused, match="exchanged_trigger_id"):
        voice.open_form(trigger, form)


def test_an_old_response_url_is_refused(slack: FakeSlack, voice: Voice, ops: str, ann: str) -> None:
    with pytest.raises(SlackRefused) as caught:
        voice.respond(f"{slack.server.url}/response/unknown", HELLO)

    assert caught.value.word == "expired_url"


@pytest.mark.parametrize("refuse", [True, False])
def test_a_slack_that_is_away_is_asked_once(
    slack: FakeSlack, voice: Voice, place: Place, ann: str, refuse: bool
) -> None:
    url = slack.space.response_url(ann, place.channel, None)
    slack.away(refuse=refuse)

    with pytest.raises(Unavailable):
        voice.post(place, HELLO)
    with pytest.raises(Unavailable):
        voice.respond(url, HELLO)
    with pytest.raises(Unavailable):
        voice.upload(place, "a", b"b", "c")

    slack.back()
    voice.post(place, HELLO)
    assert len(slack.said(place.channel)) == 1


def test_a_call_that_is_cut_may_have_been_done_and_is_not_repeated() -> None:
    cut: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as door:

        def cut_all() -> None:
            with suppress(OSError):
                while link := door.accept()[0]:
                    cut.append(link.recv(65536))
                    link.close()

        threading.Thread(target=cut_all, daemon=True).start()
        voice = Voice("xoxb-1", f"http://127.0.0.1:{door.getsockname()[1]}/api/")

        with pytest.raises(Unavailable):
            voice.post(Place(channel="C1"), HELLO)
        door.shutdown(socket.SHUT_RDWR)

    assert len(cut) == 1


def test_an_upload_that_is_cut_is_for_later(slack: FakeSlack, voice: Voice, place: Place) -> None:
    slack.fails("files.completeUploadExternal", "x", status=503)

    with pytest.raises(Unavailable):
        voice.upload(place, "a", b"b", "c")


def test_no_token_and_no_word_is_in_what_is_raised_or_logged(
    slack: FakeSlack, voice: Voice, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    voice.post(place, Message(text="a secret word"))
    slack.fails("chat.postMessage", "channel_not_found")
    with pytest.raises(SlackRefused) as caught:
        voice.post(place, Message(text="a secret word"))

    told = caplog.text + json.dumps(str(caught.value))
    assert slack.bot_token not in told
    assert "a secret word" not in told
