"""Slack's payloads as values, and which of them are not for us."""

from typing import Any

import pytest

from bootstrapper.chat.heard import Clicked, Place, Said
from bootstrapper.chat.slack import delivered
from bootstrapper.chat.slack.identity import Identity
from bootstrapper.chat.typed import Typed

ME = Identity(user="UBOT", bot="BBOT", team="T1")
NOT_SAID: dict[str, dict[str, Any]] = {
    "a bot's": {"bot_id": "B2"},
    "our own": {"bot_id": "BBOT", "user": "UBOT"},
    "an edit": {"subtype": "message_changed"},
    "a delete": {"subtype": "message_deleted"},
    "a join": {"subtype": "channel_join"},
    "a file with a comment": {"subtype": "file_share"},
    "hidden": {"hidden": True},
    "a mention that was edited": {"edited": {"user": "U1", "ts": "11.000000"}},
    "by nobody": {"user": None},
    "a stranger's, in a shared channel": {"team": "T2"},
    "another stranger's": {"user_team": "T2"},
}


def event(kind: str = "app_mention", channel: str = "C1", **fields: Any) -> dict[str, Any]:
    words = {"type": kind, "user": "U1", "text": "<@UBOT> jobs", "ts": "10.000002",
             "channel": channel, "team": "T1"}  # fmt: skip
    return {"team_id": "T1", "event_id": "Ev1", "event": {**words, **fields}}


def click(**fields: Any) -> dict[str, Any]:
    return {
        "type": "block_actions", "trigger_id": "1.2.a", "team": {"id": "T1"},
        "user": {"id": "U1", "team_id": "T1"}, "channel": {"id": "C1"},
        "container": {"type": "message", "message_ts": "10.000002", "channel_id": "C1"},
        "message": {"ts": "10.000002"}, "response_url": "https://hooks.example/1",
        "actions": [{"type": "button", "action_id": "cancel", "value": "job-1"}], **fields,
    }  # fmt: skip


# — words —


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<@UBOT> codeupdate v1.2 staging", "codeupdate v1.2 staging"),
        ("<@UBOT>: jobs", "jobs"),
        ("<@UBOT|bootstrapper> jobs", "jobs"),
        ("  <@UBOT>   jobs  ", "jobs"),
        ("hello <@UBOT>", "hello"),
        ("<@UBOT> why <@UBOT>", "why <@UBOT>"),
        ("<@UBOTANOTHER> jobs", "<@UBOTANOTHER> jobs"),
        ("<@UBOT> adhoc staging web1 shell 'a  b'", "adhoc staging web1 shell 'a  b'"),
        ("<@UBOT>", ""),
    ],
)
def test_the_bots_name_is_not_one_of_the_words(text: str, words: str) -> None:
    assert delivered.said(event(text=text), ME) == Said(
        id="Ev1", user="U1", place=Place(channel="C1"), text=words, how="mention", ts="10.000002"
    )


@pytest.mark.parametrize(
    ("fields", "thread"),
    [
        ({}, ""),
        ({"thread_ts": "10.000001"}, "10.000001"),
        ({"thread_ts": "10.000002"}, ""),  # it heads the thread itself
    ],
)
def test_a_message_is_in_the_thread_that_it_answers_to(fields: dict[str, Any], thread: str) -> None:
    heard = delivered.said(event(**fields), ME)

    assert heard
    assert heard.place == Place(channel="C1", thread=thread)


def test_a_direct_message_needs_no_name() -> None:
    heard = delivered.said(event("message", "D1", text="jobs", channel_type="im"), ME)

    assert heard
    assert (heard.how, heard.text, heard.place.judged) == ("direct", "jobs", "direct")


@pytest.mark.parametrize("fields", NOT_SAID.values(), ids=NOT_SAID)
@pytest.mark.parametrize(("kind", "channel"), [("app_mention", "C1"), ("message", "D1")])
def test_only_new_words_of_people_of_this_workspace_count(
    kind: str, channel: str, fields: dict[str, Any]
) -> None:
    assert delivered.said(event(kind, channel), ME)
    assert delivered.said(event(kind, channel, **fields), ME) is None


def test_a_mention_in_a_direct_message_is_heard_as_a_message_alone() -> None:
    assert delivered.said(event("app_mention", "D1"), ME) is None
    assert delivered.said(event("message", "D1"), ME)


def test_what_is_said_in_a_channel_without_the_name_is_not_for_us() -> None:
    assert delivered.said(event("message", "C1", text="jobs"), ME) is None


def test_another_workspace_is_not_heard() -> None:
    assert delivered.said({**event(), "team_id": "T2"}, ME) is None
    assert delivered.commanded({"team_id": "T2"}, ME, 10.0) is None
    assert delivered.submitted({"team": {"id": "T2"}}, ME) is None
    assert delivered.typed({"user": {"id": "U1", "team_id": "T2"}}, ME) is None


def test_the_slash_command() -> None:
    body = {
        "team_id": "T1", "channel_id": "C1", "user_id": "U1", "command": "/bootstrapper",
        "text": " jobs ", "response_url": "https://hooks.example/1", "trigger_id": "1.2.a",
    }  # fmt: skip

    assert delivered.commanded(body, ME, 10.0) == Said(
        id="1.2.a", user="U1", place=Place(channel="C1"), trigger="1.2.a",
        respond="https://hooks.example/1", text=" jobs ", how="slash", at=10.0,
    )  # fmt: skip


# — clicks —


def test_a_button() -> None:
    assert delivered.clicked(click(), ME) == Clicked(
        id="1.2.a", user="U1", place=Place(channel="C1"), trigger="1.2.a",
        respond="https://hooks.example/1", button="cancel", value="job-1", ts="10.000002",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "thread"),
    [
        ({"message": {"ts": "10.000002", "thread_ts": "10.000001"}}, "10.000001"),
        ({"message": {"ts": "10.000002", "thread_ts": "10.000002"}}, ""),
        ({"message": None, "container": {"message_ts": "10.000002", "channel_id": "C1",
                                         "thread_ts": "10.000001"}}, "10.000001"),
    ],
)  # fmt: skip
def test_a_click_in_a_thread(fields: dict[str, Any], thread: str) -> None:
    heard = delivered.clicked(click(**fields), ME)

    assert heard
    assert heard.place == Place(channel="C1", thread=thread)


def test_a_click_of_somebody_of_another_workspace_is_not_heard() -> None:
    assert delivered.clicked(click(user={"id": "U9", "team_id": "T2"}), ME) is None


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ({"type": "button", "value": "x"}, "x"),
        ({"type": "button"}, ""),
        ({"type": "static_select", "selected_option": {"text": {}, "value": "x"}}, "x"),
        ({"type": "overflow", "selected_option": {"value": "x"}}, "x"),
        ({"type": "multi_static_select", "selected_options": [{"value": "x"}, {"value": "y"}]},
         "x,y"),
        ({"type": "users_select", "selected_user": "U2"}, "U2"),
    ],
)  # fmt: skip
def test_what_a_click_carries(element: dict[str, Any], value: str) -> None:
    heard = delivered.clicked(click(actions=[{"action_id": "a", **element}]), ME)

    assert heard
    assert heard.value == value


# — forms —


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ({"type": "plain_text_input", "value": "v1.2"}, "v1.2"),
        ({"type": "plain_text_input", "value": None}, None),
        ({"type": "number_input", "value": "0"}, "0"),
        ({"type": "static_select", "selected_option": {"value": "prod"}}, "prod"),
        ({"type": "external_select", "selected_option": None}, None),
        ({"type": "radio_buttons", "selected_option": {"value": "x"}}, "x"),
        ({"type": "checkboxes", "selected_options": []}, []),
        ({"type": "checkboxes", "selected_options": [{"value": "check"}]}, ["check"]),
        ({"type": "multi_external_select", "selected_options": [{"value": "a"}, {"value": "b"}]},
         ["a", "b"]),
        ({"type": "multi_users_select", "selected_users": ["U1", "U2"]}, ["U1", "U2"]),
        ({"type": "conversations_select", "selected_conversation": "C1"}, "C1"),
        ({"type": "datepicker", "selected_date": "2026-01-02"}, "2026-01-02"),
        ({"type": "datetimepicker", "selected_date_time": 1700000000}, 1700000000),
    ],
)  # fmt: skip
def test_what_was_put_into_a_form(element: dict[str, Any], value: Any) -> None:
    body = {
        "team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}, "trigger_id": "1.2.a",
        "view": {"callback_id": "run", "private_metadata": "carried",
                 "state": {"values": {"block": {"action": element}}}},
    }  # fmt: skip

    heard = delivered.submitted(body, ME)

    assert heard
    assert (heard.form, heard.carried, heard.values) == ("run", "carried", {"block": value})


def test_letters_in_a_choice() -> None:
    body = {
        "team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}, "block_id": "hosts",
        "action_id": "a", "value": "web", "container": {"type": "view", "view_id": "V1"},
        "view": {"callback_id": "run", "private_metadata": "carried"},
    }  # fmt: skip

    assert delivered.typed(body, ME) == Typed(
        user="U1", place=Place(channel=""), block="hosts", text="web", form="run", carried="carried"
    )
