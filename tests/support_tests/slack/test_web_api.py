"""The fake Slack's Web API, by the real client."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from support.slack import BOT, FakeSlack

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}
MODAL = {"type": "modal", "callback_id": "ask", "title": {"type": "plain_text", "text": "Ask"},
         "blocks": [SECTION]}  # fmt: skip
MARK = {"event_type": "card", "event_payload": {"job": "J1"}}


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


def refused(call: Any, **args: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as told:
        call(**args)
    answer: dict[str, Any] = told.value.response.data
    return answer


def button(action: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action, "text": {"type": "plain_text", "text": "Go"},
            **more}  # fmt: skip


def section(letters: int) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": "x" * letters}}


def test_the_bot_learns_who_it_is_and_what_it_may(client: WebClient) -> None:
    told = client.auth_test()
    assert told["user_id"] == BOT
    assert "chat:write" in str(told.headers["x-oauth-scopes"])


def test_a_message_is_posted_edited_and_found_again_by_its_mark(
    slack: FakeSlack, client: WebClient, ops: str
) -> None:
    ts = client.chat_postMessage(channel=ops, text="a", blocks=[SECTION], metadata=MARK)["ts"]
    client.chat_update(channel=ops, ts=ts, text="b", blocks=[SECTION, {"type": "divider"}])
    [found] = client.conversations_history(channel=ops, include_all_metadata=True)["messages"]
    assert (found["text"], found["ts"], found["metadata"]) == ("b", ts, MARK)
    assert "metadata" not in client.conversations_history(channel=ops)["messages"][0]
    [message] = slack.messages(ops)
    assert [(e.text, len(e.blocks)) for e in message.edits] == [("a", 1), ("b", 2)]
    assert message.edits == slack.edits(ts)


def test_an_edit_without_blocks_leaves_them(client: WebClient, slack: FakeSlack, ops: str) -> None:
    ts = client.chat_postMessage(channel=ops, text="a", blocks=[SECTION])["ts"]
    client.chat_update(channel=ops, ts=ts, text="b")
    assert slack.messages(ops)[0].blocks
    client.chat_update(channel=ops, ts=ts, text="c", blocks=[])
    assert not slack.messages(ops)[0].blocks


def test_replies_are_in_their_thread_and_not_in_the_history(
    slack: FakeSlack, client: WebClient, ops: str
) -> None:
    head = client.chat_postMessage(channel=ops, text="head")["ts"]
    reply = client.chat_postMessage(channel=ops, text="reply", thread_ts=head)["ts"]
    assert reply > head
    assert [m["ts"] for m in client.conversations_history(channel=ops)["messages"]] == [head]
    told = client.conversations_replies(channel=ops, ts=head)["messages"]
    assert [m["text"] for m in told] == ["head", "reply"]
    assert [m.text for m in slack.thread(head)] == ["reply"]


def test_the_history_comes_in_pages_newest_first_and_since_a_time(
    slack: FakeSlack, client: WebClient, ops: str
) -> None:
    slack.limits.off()
    times = [client.chat_postMessage(channel=ops, text=str(n))["ts"] for n in range(5)]
    pages = [[m["text"] for m in page["messages"]]
             for page in client.conversations_history(channel=ops, limit=2)]  # fmt: skip
    assert pages == [
        ["4", "3"], ["2", "1"], ["0"]]  # fmt: skip
    since = client.conversations_history(channel=ops, oldest=times[2])["messages"]
    assert [m["text"] for m in since] == ["4", "3"]


def test_a_user_is_told_alone_and_in_a_conversation_with_the_bot(
    slack: FakeSlack, client: WebClient
) -> None:
    ann, bob = slack.user("ann", email="ann@example.com"), slack.user("bob")
    ops = slack.channel("ops", ann)
    client.chat_postEphemeral(channel=ops, user=ann, text="psst")
    assert [w.text for w in slack.whispers(ann)] == ["psst"]
    assert not slack.messages(ops)
    assert refused(client.chat_postEphemeral, channel=ops, user=bob, text="x")["error"] == (
        "user_not_in_channel")  # fmt: skip
    room = client.conversations_open(users=bob)["channel"]["id"]
    assert room == slack.direct(bob)
    client.chat_postMessage(channel=room, text="hello")
    assert [m.text for m in slack.messages(room)] == ["hello"]
    assert client.users_info(user=ann)["user"]["profile"]["email"] == "ann@example.com"
    assert client.conversations_info(channel=room)["channel"]["is_im"]


def test_a_file_becomes_a_message_in_a_thread(
    slack: FakeSlack, client: WebClient, ops: str
) -> None:
    head = client.chat_postMessage(channel=ops, text="head")["ts"]
    client.files_upload_v2(channel=ops, thread_ts=head, filename="log.txt", content=b"lines",
                           title="The log", initial_comment="all of it")  # fmt: skip
    [file] = slack.files
    assert (file.name, file.content, file.title) == ("log.txt", b"lines", "The log")
    assert [(m.text, m.files) for m in slack.thread(head)] == [("all of it", [file])]


CONTENT: list[tuple[dict[str, Any], str]] = [
    ({"text": ""}, "no_text"),
    ({"text": "x", "blocks": [SECTION] * 51}, "invalid_blocks"),
    ({"text": "x", "blocks": [section(3001)]}, "invalid_blocks"),
    ({"text": "x", "blocks": [section(0)]}, "invalid_blocks"),
    ({"text": "x", "blocks": [{"type": "table of old"}]}, "invalid_blocks"),
    ({"text": "x", "blocks": [{**SECTION, "block_id": "same"}] * 2}, "invalid_blocks"),
    ({"text": "x", "blocks": [{"type": "actions", "elements": [button("a")] * 2}]},
     "invalid_blocks"),
    ({"text": "x", "blocks": [{"type": "actions", "elements": [button("a", value="v" * 2001)]}]},
     "invalid_blocks"),
    ({"text": "x", "blocks": [section(3000)] * 5}, "msg_blocks_too_long"),
    ({"text": "x", "metadata": {"event_type": "card"}}, "invalid_metadata_format"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "word"), CONTENT)
def test_content_that_slack_would_not_take(
    client: WebClient, ops: str, content: dict[str, Any], word: str
) -> None:
    assert refused(client.chat_postMessage, channel=ops, **content)["error"] == word


def test_long_text_is_cut_when_posted_and_refused_when_edited(
    slack: FakeSlack, client: WebClient, ops: str
) -> None:
    ts = client.chat_postMessage(channel=ops, text="x" * 40_001)["ts"]
    assert len(slack.messages(ops)[0].text) == 40_000
    told = refused(client.chat_update, channel=ops, ts=ts, text="x" * 4001)
    assert told["error"] == "msg_too_long"


def test_where_and_what_the_bot_may_not_write(
    slack: FakeSlack, client: WebClient, ops: str
) -> None:
    ann = slack.user("ann")
    other, secret = slack.channel("o", bot=False), slack.channel("s", kind="private", bot=False)
    post, update = client.chat_postMessage, client.chat_update
    assert refused(post, channel="CNONE", text="x")["error"] == "channel_not_found"
    assert refused(post, channel=other, text="x")["error"] == "not_in_channel"
    assert refused(post, channel=secret, text="x")["error"] == "channel_not_found"
    assert refused(update, channel=ops, ts="1.0", text="x")["error"] == "message_not_found"
    hers = slack.says(ann, slack.direct(ann), "hers")
    assert refused(update, channel=hers.channel, ts=hers.ts, text="x")["error"] == (
        "cant_update_message")  # fmt: skip


def test_tokens_are_checked_and_their_scopes(slack: FakeSlack, client: WebClient, ops: str) -> None:
    def by(token: str) -> WebClient:
        return WebClient(token, base_url=slack.api)

    assert refused(by("xoxb-none").auth_test)["error"] == "invalid_auth"
    few = by(slack.token("xoxb-few", "users:read"))
    told = refused(few.chat_postMessage, channel=ops, text="x")
    assert (told["error"], told["needed"], told["provided"]) == (
        "missing_scope", "chat:write", "users:read")  # fmt: skip
    assert refused(few.conversations_history, channel=ops)["needed"] == "channels:history"
    wrong = refused(client.apps_connections_open, app_token=slack.bot_token)
    assert wrong["error"] == "not_allowed_token_type"
    slack.revoke(slack.bot_token)
    assert refused(client.auth_test)["error"] == "token_revoked"


def test_a_trigger_opens_one_form_and_not_for_long(slack: FakeSlack, client: WebClient) -> None:
    ann = slack.user("ann")
    trigger = slack.space.trigger(ann)
    client.views_open(trigger_id=trigger, view=MODAL)
    assert [view.callback_id for view in slack.opened(ann)] == ["ask"]
    told = refused(client.views_open, trigger_id=trigger, view=MODAL)
    assert told["error"] == "exchanged_trigger_id"
    slack.space.trigger_life = 0
    told = refused(client.views_open, trigger_id=slack.space.trigger(ann), view=MODAL)
    assert told["error"] == "expired_trigger_id"
    long = {**MODAL, "title": {"type": "plain_text", "text": "x" * 25}}
    told = refused(client.views_open, trigger_id="x", view=long)
    assert told["error"] == "invalid_arguments"


def test_posts_of_one_channel_are_limited_and_the_record_shows_it(
    slack: FakeSlack, client: WebClient, ops: str
) -> None:
    slack.limits.set("chat.postMessage", per_minute=60, burst=2)
    other = slack.channel("other")
    for _ in range(2):
        client.chat_postMessage(channel=ops, text="x")
    with pytest.raises(SlackApiError) as told:
        client.chat_postMessage(channel=ops, text="x")
    assert told.value.response.status_code == 429
    assert told.value.response["error"] == "ratelimited"
    assert told.value.response.headers["Retry-After"] == "1"
    client.chat_postMessage(channel=other, text="x")
    assert [c.ok for c in slack.calls("chat.postMessage", ops)] == [True, True, False]
    assert slack.most_within(1.0, "chat.postMessage") == 4


def test_a_429_can_be_asked_for(slack: FakeSlack, client: WebClient) -> None:
    slack.limits.refuse("auth.test", 7)
    with pytest.raises(SlackApiError) as told:
        client.auth_test()
    assert told.value.response.headers["Retry-After"] == "7"
    assert client.auth_test()["ok"]


def test_slack_is_away_and_back_on_the_same_port(slack: FakeSlack, client: WebClient) -> None:
    slack.away()
    with pytest.raises(OSError):  # noqa: PT011  # whatever the system says
        client.auth_test()
    slack.back()
    assert client.auth_test()["ok"]
    slack.away(refuse=False)
    assert httpx.post(f"{slack.api}auth.test").status_code == 503
    slack.back()
    slack.fails("auth.test", "internal_error")
    assert refused(client.auth_test)["error"] == "internal_error"
    slack.slow(0.3)
    began = time.monotonic()
    assert client.auth_test()["ok"]
    assert time.monotonic() - began >= 0.3


def test_a_response_url_answers_five_times(slack: FakeSlack, client: WebClient) -> None:
    ann = slack.user("ann")
    ops = slack.channel("ops", ann)
    url = slack.command(ann, ops, "/b").payload["response_url"]
    for kind in ("ephemeral", "ephemeral", "ephemeral", "ephemeral", "in_channel"):
        assert httpx.post(url, json={"text": "x", "response_type": kind}).text == "ok"
    assert httpx.post(url, json={"text": "x"}).json()["error"] == "used_url"
    assert (len(slack.whispers(ann)), len(slack.messages(ops))) == (4, 1)
