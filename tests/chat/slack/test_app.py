"""What people do reaches the inbox, by Socket Mode, and is acknowledged only then."""

import threading
from typing import Any

import pytest
from slack_bolt import App, BoltRequest

from bootstrapper.chat.heard import AnyHeard, Clicked, Place, Said, Submitted
from bootstrapper.chat.message import Form, Message
from bootstrapper.chat.slack.app import SORRY, make_app
from bootstrapper.chat.slack.in_time import InTime
from bootstrapper.chat.slack.voice import Voice
from bootstrapper.chat.typed import Choice, Typed
from bootstrapper.errors import Unavailable
from bootstrapper.settings import Chat
from support.eventually import eventually
from support.hearing import BUTTONS, ME, Kept, hearing
from support.slack import FakeSlack
from support.slack.delivery import EVENTS
from support.slack.payloads import callback

HOSTS = {
    "type": "input", "block_id": "hosts", "label": {"type": "plain_text", "text": "Hosts"},
    "element": {"type": "external_select", "action_id": "hosts", "min_query_length": 1},
}  # fmt: skip
TAG = {
    "type": "input", "block_id": "tag", "label": {"type": "plain_text", "text": "Tag"},
    "element": {"type": "plain_text_input", "action_id": "tag"},
}  # fmt: skip
FORM = Form(name="update", title="Update", submit="Run", blocks=(TAG, HOSTS), carried="C1")


# — it is heard —


@pytest.mark.usefixtures("heard_by_socket")
class TestHeard:
    def test_a_mention(self, slack: FakeSlack, kept: Kept, ann: str, ops: str) -> None:
        message = slack.says(ann, ops, "<@BOT> codeupdate v1.2 staging")

        heard = kept.one()

        assert heard == Said(
            id=heard.id, user=ann, place=Place(channel=ops), text="codeupdate v1.2 staging",
            how="mention", ts=message.ts,
        )  # fmt: skip
        assert slack.deliveries[0].payload["event_id"] == heard.id
        slack.deliveries[0].ack()

    def test_a_direct_message(self, slack: FakeSlack, kept: Kept, ann: str) -> None:
        slack.says(ann, slack.direct(ann), "jobs")

        heard = kept.one()

        assert isinstance(heard, Said)
        assert (heard.how, heard.text, heard.place.direct) == ("direct", "jobs", True)

    def test_a_command(self, slack: FakeSlack, kept: Kept, ann: str, ops: str) -> None:
        answer = slack.command(ann, ops, "/bootstrapper", "jobs").ack()

        heard = kept.one()

        assert isinstance(heard, Said)
        assert (heard.how, heard.text, heard.id) == ("slash", "jobs", heard.trigger)
        assert heard.at
        assert answer == {}
        Voice(slack.bot_token, slack.api).respond(heard.respond, Message(text="none"))
        assert [each.text for each in slack.whispers(ann)] == ["none"]

    def test_a_click(self, slack: FakeSlack, kept: Kept, voice: Voice, ann: str, ops: str) -> None:
        ts = voice.post(Place(channel=ops), Message(text="running", blocks=(BUTTONS,)))

        slack.click(ann, slack.said(ops)[0], "cancel").ack()

        heard = kept.one()
        assert isinstance(heard, Clicked)
        assert (heard.button, heard.value, heard.ts, heard.place.channel) == (
            "cancel", "job-1", ts, ops,
        )  # fmt: skip

    def test_a_form(self, slack: FakeSlack, kept: Kept, voice: Voice, ann: str) -> None:
        voice.open_form(slack.space.trigger(ann), FORM)
        (view,) = slack.opened(ann)

        slack.fills(ann, view, {"tag": "v1.2", "hosts": "web1"})

        heard = kept.one()
        assert isinstance(heard, Submitted)
        assert (heard.form, heard.carried) == ("update", "C1")
        assert heard.values == {"tag": "v1.2", "hosts": "web1"}
        assert slack.opened(ann) == []

    def test_what_comes_twice_has_one_id(
        self, slack: FakeSlack, kept: Kept, ann: str, ops: str
    ) -> None:
        with slack.twice():
            slack.says(ann, ops, "<@BOT> jobs")
            slack.command(ann, ops, "/bootstrapper", "jobs")

        eventually(lambda: all(len(each.sendings) == 2 for each in slack.deliveries))
        assert len(kept.heard) == 2

    def test_another_event_is_acknowledged_and_left(self, slack: FakeSlack, kept: Kept) -> None:
        slack.courier.deliver(EVENTS, callback({"type": "app_home_opened", "user": "U1"})).ack()
        slack.courier.deliver(
            EVENTS,
            callback(
                {"type": "message", "subtype": "message_changed", "channel": "D1", "ts": "1.1"}
            ),
        ).ack()

        assert kept.heard == []  # fmt: skip


# — it cannot be kept —


@pytest.mark.usefixtures("heard_by_socket")
class TestNotKept:
    def test_an_event_comes_again_until_it_is_kept(
        self, slack: FakeSlack, kept: Kept, ann: str, ops: str
    ) -> None:
        slack.courier.ack_within = 0.3
        kept.away = True
        slack.says(ann, ops, "<@BOT> jobs")
        delivery = slack.deliveries[0]
        eventually(lambda: delivery.sendings)
        assert not delivery.acked

        kept.away = False

        delivery.ack()
        assert len(kept.heard) == 1

    def test_a_command_is_answered_with_a_word(
        self, slack: FakeSlack, kept: Kept, ann: str, ops: str
    ) -> None:
        kept.away = True

        assert slack.command(ann, ops, "/bootstrapper", "jobs").ack() == {"text": SORRY}
        assert [each.text for each in slack.whispers(ann)] == [SORRY]

    def test_a_click_is_not_acknowledged(
        self, slack: FakeSlack, kept: Kept, voice: Voice, ann: str, ops: str
    ) -> None:
        slack.courier.ack_within = 0.3
        voice.post(Place(channel=ops), Message(text="running", blocks=(BUTTONS,)))
        kept.away = True

        delivery = slack.click(ann, slack.said(ops)[0], "cancel")

        assert delivery.done.wait(5)
        assert delivery.failed


def test_an_inbox_that_hangs_is_not_waited_for() -> None:
    gone = threading.Event()

    def hang(_: AnyHeard) -> None:
        gone.wait(30)

    keep = InTime(hang, seconds=0.05)

    with pytest.raises(Unavailable, match="did not answer"):
        keep(Said(id="1", user="U1", place=Place(channel="C1"), text="jobs", how="mention"))

    gone.set()


# — answered at once —


def check_tag(sent: Submitted) -> dict[str, str]:
    return {} if sent.values["tag"].startswith("v") else {"tag": "A tag begins with v."}


def suggest(typed: Typed) -> list[Choice]:
    if typed.text == "down":
        raise Unavailable("no inventory")
    return [(f"{typed.text}{number} of {typed.carried}", f"web{number}") for number in range(150)]


@pytest.fixture
def app_with_forms(slack: FakeSlack, kept: Kept) -> App:
    return make_app(Chat(api=slack.api), ME, kept, check_form=check_tag, suggest=suggest)


def test_a_wrong_form_stays_open_with_its_faults(
    slack: FakeSlack, app_with_forms: App, kept: Kept, voice: Voice, ann: str
) -> None:
    with hearing(slack, app_with_forms):
        voice.open_form(slack.space.trigger(ann), FORM)
        (view,) = slack.opened(ann)

        slack.fills(ann, view, {"tag": "1.2", "hosts": "web1"})
        assert view.errors == {"tag": "A tag begins with v."}
        assert kept.heard == []

        slack.fills(ann, view, {"tag": "v1.2", "hosts": "web1"})
        assert kept.one()


def test_letters_are_answered_with_choices(
    slack: FakeSlack, app_with_forms: App, kept: Kept, voice: Voice, ann: str
) -> None:
    with hearing(slack, app_with_forms):
        voice.open_form(slack.space.trigger(ann), FORM)
        (view,) = slack.opened(ann)

        options = slack.types(ann, view, "hosts", "we")["options"]

        assert len(options) == 100
        assert options[1] == {
            "text": {"type": "plain_text", "text": "we1 of C1"}, "value": "web1"
        }  # fmt: skip
        assert slack.types(ann, view, "hosts", "down") == {"options": []}
    assert kept.heard == []


# — what is no good —


def test_a_payload_that_is_not_as_documented_is_told_without_its_words(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    body: dict[str, Any] = {
        "type": "block_actions", "team": {"id": ME.team}, "user": {"id": "U1"},
        "actions": [{"action_id": "a", "value": "a secret word"}],
    }  # fmt: skip

    answer = app.dispatch(BoltRequest(mode="socket_mode", body=body))

    assert answer.status == 500
    assert "KeyError" in caplog.text
    assert "a secret word" not in caplog.text


def test_nothing_asks_slack_while_a_person_waits(
    slack: FakeSlack, app: App, kept: Kept, ann: str, ops: str
) -> None:
    with hearing(slack, app):
        slack.says(ann, ops, "<@BOT> jobs")
        kept.one()

    assert {call.method for call in slack.calls()} == {"apps.connections.open"}


def test_no_token_of_slacks_is_in_the_log(
    slack: FakeSlack, app: App, kept: Kept, ann: str, ops: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")

    with hearing(slack, app):
        slack.says(ann, ops, "<@BOT> a secret word")
        kept.one()

    ours = [each.getMessage() for each in caplog.records if "uvicorn" not in each.name]
    assert "hearing Slack" in ours
    for secret in (slack.app_token, slack.bot_token, "a secret word", "ticket="):
        assert not [line for line in ours if secret in line]
