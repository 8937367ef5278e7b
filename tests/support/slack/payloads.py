"""What Slack sends when people do something. https://docs.slack.dev/reference/events/app_mention"""

import time

from support.slack.delivery import event_id
from support.slack.state import Workspace
from support.slack.values import APP_ID, BOT, TEAM, Channel, Json, Posted, View, Whisper

TOKEN = "an-old-token"
"""Slack's verification token, which is deprecated, and sent still."""


def spoken(space: Workspace, room: Channel, message: Posted) -> Json:
    """An app_mention, or a message in a conversation with the bot."""
    event: Json = {
        "type": "message" if room.kind == "im" else "app_mention", "user": message.user,
        "text": message.text, "ts": message.ts, "channel": room.id, "team": TEAM,
        "event_ts": message.ts, "client_msg_id": space.id("cm"), "blocks": [{
            "type": "rich_text", "block_id": space.id("b"), "elements": []}]}  # fmt: skip
    if room.kind == "im":
        event["channel_type"] = "im"
    if message.thread:
        event["thread_ts"] = message.thread
    return callback(event)


def callback(event: Json) -> Json:
    return {"token": TOKEN, "team_id": TEAM, "api_app_id": APP_ID, "event": event,
            "type": "event_callback", "event_id": event_id(), "event_time": int(time.time()),
            "authorizations": [{"enterprise_id": None, "team_id": TEAM, "user_id": BOT,
                                "is_bot": True, "is_enterprise_install": False}],
            "is_ext_shared_channel": False}  # fmt: skip


def slash(space: Workspace, user: str, room: Channel, command: str, text: str) -> Json:
    return {"token": TOKEN, "team_id": TEAM, "team_domain": "tests", "channel_id": room.id,
            "channel_name": "directmessage" if room.kind == "im" else room.name,
            "user_id": user, "user_name": space.users[user].name, "command": command,
            "text": text, "api_app_id": APP_ID, "is_enterprise_install": "false",
            "response_url": space.response_url(user, room.id, None),
            "trigger_id": space.trigger(user)}  # fmt: skip


def clicked(space: Workspace, user: str, room: Channel, seen: Posted | Whisper,
            action: Json) -> Json:  # fmt: skip
    """block_actions of an element in a message. That of a whisper carries no message."""
    whisper = isinstance(seen, Whisper)
    made = _interaction(space, user, "block_actions")
    made |= {"channel": {"id": room.id, "name": room.name or "directmessage"},
             "container": {"type": "message", "message_ts": seen.ts, "channel_id": room.id,
                           "is_ephemeral": whisper},
             "response_url": space.response_url(user, room.id, seen), "actions": [action],
             "state": {"values": {}}}  # fmt: skip
    if seen.thread:
        made["container"]["thread_ts"] = seen.thread
    if isinstance(seen, Posted):
        made["message"] = {"type": "message", "user": seen.user, "ts": seen.ts, "text": seen.text,
                           "team": TEAM, "blocks": seen.blocks}  # fmt: skip
        if seen.thread:
            made["message"]["thread_ts"] = seen.thread
        if seen.metadata:
            made["message"]["metadata"] = seen.metadata
    return made


def submitted(space: Workspace, view: View, values: Json) -> Json:
    return _interaction(space, view.user, "view_submission") | {
        "view": shown(view, values), "response_urls": []}  # fmt: skip


def closed(space: Workspace, view: View) -> Json:
    return _interaction(space, view.user, "view_closed") | {
        "view": shown(view, {}), "is_cleared": False}  # fmt: skip


def picked(space: Workspace, view: View, values: Json, action: Json) -> Json:
    """block_actions of an element in a modal."""
    return _interaction(space, view.user, "block_actions") | {
        "view": shown(view, values), "actions": [action],
        "container": {"type": "view", "view_id": view.id}}  # fmt: skip


def suggestion(space: Workspace, view: View, block: str, action: str, typed: str) -> Json:
    return _interaction(space, view.user, "block_suggestion") | {
        "view": shown(view, {}), "value": typed, "action_id": action, "block_id": block,
        "container": {"type": "view", "view_id": view.id}}  # fmt: skip


def shown(view: View, values: Json) -> Json:
    return {"private_metadata": "", "callback_id": "", **view.body, "id": view.id,
            "team_id": TEAM, "app_id": APP_ID, "bot_id": BOT, "hash": f"{time.time()}.x",
            "state": {"values": values}, "root_view_id": view.id,
            "previous_view_id": None}  # fmt: skip


def _interaction(space: Workspace, user: str, kind: str) -> Json:
    made: Json = {"type": kind, "token": TOKEN, "api_app_id": APP_ID,
                  "team": {"id": TEAM, "domain": "tests"}, "enterprise": None,
                  "user": {"id": user, "username": space.users[user].name,
                           "name": space.users[user].name, "team_id": TEAM},
                  "is_enterprise_install": False}  # fmt: skip
    if kind != "block_suggestion":
        made["trigger_id"] = space.trigger(user)
    return made
