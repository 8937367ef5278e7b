"""What the fake Slack refuses, by the real client."""

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from support.slack import FakeSlack
from support.slack.refusals import refused

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}
MODAL = {"type": "modal", "callback_id": "ask", "title": {"type": "plain_text", "text": "Ask"},
         "blocks": [SECTION]}  # fmt: skip


def button(action: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action, "text": {"type": "plain_text", "text": "Go"},
            **more}  # fmt: skip


def section(letters: int) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": "x" * letters}}


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
