"""What the bot says: calls of Slack's Web API, one at a time, none repeated.

It is safe for many threads. It raises Busy (ask again after its seconds), Unavailable (Slack is
away; what was asked may have been done) and SlackRefused (for good). Repeating is its callers'
business: a message that may have been posted is found again by its mark.

https://docs.slack.dev/reference/methods
"""

from collections.abc import Iterator
from typing import Any

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse
from slack_sdk.webhook import WebhookClient

from bootstrapper.chat.heard import Place
from bootstrapper.chat.message import Form, Message
from bootstrapper.chat.slack.answers import OK, answered, judge, word_of
from bootstrapper.chat.slack.identity import Identity, identity
from bootstrapper.chat.slack.quiet import quiet_logger

TIMEOUT = 10  # seconds
PAGE = 200  # messages
PAGES = 50  # looked at most for a mark
EVENT_TYPE = "bootstrapper"


def web_client(token: str, api: str) -> WebClient:
    """Slack's own client, which neither repeats a call nor logs what it carries."""
    return WebClient(
        token=token, base_url=api, timeout=TIMEOUT, retry_handlers=[], logger=quiet_logger()
    )


class Voice:
    """`token` is the bot's (`xoxb-…`); `api` the Web API's URL."""

    def __init__(self, token: str, api: str) -> None:
        self._web = web_client(token, api)
        self._identity: Identity | None = None

    def post(self, place: Place, message: Message) -> str:
        """Its `ts`."""
        with answered("chat.postMessage"):
            response = self._web.chat_postMessage(
                channel=place.channel,
                thread_ts=place.thread or None,
                unfurl_links=False,
                unfurl_media=False,
                **content(message),
            )
        return str(response["ts"])

    def edit(self, place: Place, ts: str, message: Message) -> None:
        with answered("chat.update"):
            self._web.chat_update(channel=place.channel, ts=ts, **content(message))

    def whisper(self, place: Place, user: str, message: Message) -> None:
        """Only `user` sees it, and only while it is there."""
        with answered("chat.postEphemeral"):
            self._web.chat_postEphemeral(
                channel=place.channel,
                user=user,
                thread_ts=place.thread or None,
                text=message.text,
                blocks=list(message.blocks) or None,
            )

    def respond(self, url: str, message: Message, *, replace: bool = False) -> None:
        """Answer to one user at the `respond` of what was heard; `replace` what was clicked in."""
        hook = WebhookClient(url, timeout=TIMEOUT, retry_handlers=[], logger=quiet_logger())
        with answered("response_url"):
            response = hook.send(
                text=message.text,
                blocks=list(message.blocks) or None,
                response_type="ephemeral",
                replace_original=replace,
            )
        if response.status_code != OK:
            raise judge(
                "response_url", response.status_code, response.headers, word_of(response.body)
            )

    def upload(
        self, place: Place, name: str, content: bytes, title: str, comment: str = ""
    ) -> None:
        with answered("files.upload"):
            self._web.files_upload_v2(
                channel=place.channel,
                thread_ts=place.thread or None,
                filename=name,
                content=content,
                title=title,
                initial_comment=comment or None,
            )

    def open_form(self, trigger: str, form: Form) -> None:
        """Within 3 s of what was heard, whose `trigger` it is."""
        with answered("views.open"):
            self._web.views_open(trigger_id=trigger, view=modal(form))

    def direct(self, user: str) -> Place:
        with answered("conversations.open"):
            response = self._web.conversations_open(users=user)
        return Place(channel=response["channel"]["id"], direct=True)

    def find(self, place: Place, mark: str, since: float) -> str:
        """The `ts` of our own message with that mark, posted since; "" if there is none."""
        marked = (each for each in self._ours(place, since) if mark_of(each) == mark)
        return next((str(each["ts"]) for each in marked), "")

    def has_file(self, place: Place, name: str, since: float) -> bool:
        """Whether we have uploaded one of that name there since."""
        return any(name in files_of(each) for each in self._ours(place, since))

    def me(self) -> Identity:
        """Asked once; it holds as long as the token does."""
        if self._identity is None:
            with answered("auth.test"):
                response = self._web.auth_test()
            self._identity = identity(response)
        return self._identity

    def _ours(self, place: Place, since: float) -> Iterator[dict[str, Any]]:
        me, cursor = self.me(), ""
        for _ in range(PAGES):
            page = self._page(place, since, cursor)
            yield from (each for each in page.get("messages") or [] if is_ours(each, me))
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break

    def _page(self, place: Place, since: float, cursor: str) -> SlackResponse:
        wanted: dict[str, Any] = {
            "channel": place.channel,
            "oldest": f"{since:.6f}",
            "inclusive": True,
            "include_all_metadata": True,
            "limit": PAGE,
            "cursor": cursor or None,
        }
        if place.thread:
            with answered("conversations.replies"):
                return self._web.conversations_replies(ts=place.thread, **wanted)
        with answered("conversations.history"):
            return self._web.conversations_history(**wanted)


def content(message: Message) -> dict[str, Any]:
    """Blocks are always given: an edit without them would leave the old ones."""
    fields: dict[str, Any] = {"text": message.text, "blocks": list(message.blocks)}
    if message.mark:
        fields["metadata"] = {"event_type": EVENT_TYPE, "event_payload": {"mark": message.mark}}
    return fields


def modal(form: Form) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": form.name,
        "title": {"type": "plain_text", "text": form.title},
        "submit": {"type": "plain_text", "text": form.submit},
        "close": {"type": "plain_text", "text": "Cancel"},
        "blocks": list(form.blocks),
        "private_metadata": form.carried,
    }


def is_ours(message: dict[str, Any], me: Identity) -> bool:
    """A message that holds a file names the user that the bot is, and not always the bot."""
    return me.user == message.get("user") or (bool(me.bot) and me.bot == message.get("bot_id"))


def files_of(message: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(each.get("name", "")) for each in message.get("files") or ())


def mark_of(message: dict[str, Any]) -> str:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return ""
    return str((metadata.get("event_payload") or {}).get("mark", ""))
