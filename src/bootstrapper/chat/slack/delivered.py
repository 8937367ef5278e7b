"""Slack's payloads as values; None for what is not for us.

Not for us is what bots say (we too), what is no new message (edits, deletes, joins), and whatever
another workspace sends: in a shared channel strangers may mention the bot and click.

https://docs.slack.dev/reference/events, https://docs.slack.dev/reference/interaction-payloads
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bootstrapper.chat.heard import Clicked, Place, Said, Submitted
from bootstrapper.chat.slack.identity import Identity
from bootstrapper.chat.typed import Typed

Payload = Mapping[str, Any]

PICKED = (
    "value",
    "selected_option",
    "selected_options",
    "selected_user",
    "selected_users",
    "selected_channel",
    "selected_channels",
    "selected_conversation",
    "selected_conversations",
    "selected_date",
    "selected_time",
    "selected_date_time",
)


def said(body: Payload, me: Identity) -> Said | None:
    """Of an app_mention, or of a message to the bot itself. In a direct message a mention comes
    as both: the message counts."""
    event = body["event"]
    direct = event["channel"].startswith("D")
    mention = event["type"] == "app_mention"
    if is_foreign(body, me) or not is_new_words(event) or mention == direct:
        return None
    return Said(
        id=body["event_id"],
        user=event["user"],
        place=place_of(event["channel"], event.get("thread_ts"), event["ts"]),
        text=without_name(event.get("text") or "", me),
        how="mention" if mention else "direct",
        ts=event["ts"],
    )


def commanded(body: Payload, me: Identity, now: float) -> Said | None:
    """Of the slash command, of which Slack does not tell when it was given."""
    if is_foreign(body, me):
        return None
    return Said(
        id=body["trigger_id"],
        user=body["user_id"],
        place=place_of(body["channel_id"]),
        trigger=body["trigger_id"],
        respond=body.get("response_url") or "",
        text=body.get("text") or "",
        how="slash",
        at=now,
    )


def clicked(body: Payload, me: Identity) -> Clicked | None:
    if is_foreign(body, me):
        return None
    action = body["actions"][0]
    ts = (body.get("container") or {}).get("message_ts") or ""
    return Clicked(
        id=body["trigger_id"],
        user=body["user"]["id"],
        place=place_of_click(body, ts),
        trigger=body["trigger_id"],
        respond=body.get("response_url") or "",
        button=action["action_id"],
        value=as_text(picked(action)),
        ts=ts,
    )


def submitted(body: Payload, me: Identity) -> Submitted | None:
    """Slack does not tell where a form was opened: its `carried` may."""
    if is_foreign(body, me):
        return None
    view = body["view"]
    return Submitted(
        id=body["trigger_id"],
        user=body["user"]["id"],
        place=Place(channel=""),
        trigger=body["trigger_id"],
        form=view["callback_id"],
        carried=view.get("private_metadata") or "",
        values=form_values(view["state"]["values"]),
    )


def typed(body: Payload, me: Identity) -> Typed | None:
    if is_foreign(body, me):
        return None
    view = body.get("view") or {}
    return Typed(
        user=body["user"]["id"],
        place=place_of_click(body, (body.get("container") or {}).get("message_ts") or ""),
        block=body["block_id"],
        text=body.get("value") or "",
        form=view.get("callback_id") or "",
        carried=view.get("private_metadata") or "",
    )


def is_foreign(body: Payload, me: Identity) -> bool:
    return any(team and team != me.team for team in teams(body))


def teams(body: Payload) -> Iterator[str | None]:
    """Every workspace that a payload names: where it comes from, and who did it."""
    event, team, user = (body.get(name) or {} for name in ("event", "team", "user"))
    yield body.get("team_id")
    yield team.get("id")
    yield user.get("team_id")
    yield event.get("team")
    yield event.get("user_team")


def is_new_words(event: Payload) -> bool:
    """An edited message that mentions us comes as a mention anew, under another id."""
    quiet = any(event.get(name) for name in ("subtype", "bot_id", "hidden", "edited"))
    return not quiet and bool(event.get("user"))


def place_of(channel: str, thread: str | None = None, ts: str = "") -> Place:
    """A message that heads a thread is not in it."""
    inside = thread if thread and thread != ts else ""
    return Place(channel=channel, direct=channel.startswith("D"), thread=inside)


def place_of_click(body: Payload, ts: str) -> Place:
    container, channel = body.get("container") or {}, body.get("channel") or {}
    thread = (body.get("message") or {}).get("thread_ts") or container.get("thread_ts")
    return place_of(channel.get("id") or container.get("channel_id") or "", thread, ts)


def without_name(text: str, me: Identity) -> str:
    return re.sub(rf"<@{re.escape(me.user)}(\|[^>]*)?>[:,]?", " ", text, count=1).strip()


def form_values(state: Mapping[str, Mapping[str, Payload]]) -> dict[str, Any]:
    """Each block of a form has one thing to fill in."""
    return {block: picked(next(iter(inputs.values()), {})) for block, inputs in state.items()}


def picked(element: Payload) -> Any:
    """What an element holds: a text, the value of an option, a list of them, or None."""
    found = next((element[name] for name in PICKED if element.get(name) is not None), None)
    match found:
        case {"value": value}:
            return value
        case [*several]:
            return [each["value"] if isinstance(each, dict) else each for each in several]
        case _:
            return found


def as_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case [*several]:
            return ",".join(map(str, several))
        case _:
            return str(value)
