"""The fake Slack's Web API, by the real client."""

import time

import httpx
import pytest
from slack_sdk import WebClient

from support.slack import BOT, FakeSlack
from support.slack.refusals import refused

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}
MARK = {"event_type": "card", "event_payload": {"job": "J1"}}


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
