"""The Web API: from a method's name, a token and arguments to Slack's answer.

Every call is kept in the workspace's record, those that were refused too.
"""

import time
from collections.abc import Callable

from support.slack import blocks, chat_methods, room_methods
from support.slack.chat_methods import decoded, required
from support.slack.limits import Limits
from support.slack.shapes import named
from support.slack.state import Workspace
from support.slack.values import (
    APP_ID,
    BOT,
    BOT_ID,
    TEAM,
    Call,
    File,
    Json,
    Posted,
    Token,
    Trouble,
    View,
)

Method = Callable[[Workspace, Token, Json], Json]


def auth_test(space: Workspace, token: Token, _: Json) -> Json:
    if token.kind == "app":
        return {"app_name": "Bootstrapper", "app_id": APP_ID}
    return {"url": "https://tests.slack.com/", "team": "Tests", "user": "bootstrapper",
            "team_id": TEAM, "user_id": BOT, "bot_id": BOT_ID}  # fmt: skip


def connections_open(space: Workspace, _: Token, __: Json) -> Json:
    ticket = space.id("T")
    space.tickets.add(ticket)
    return {"url": f"{space.url.replace('http', 'ws')}/link/?ticket={ticket}&app_id={APP_ID}"}


def views_open(space: Workspace, _: Token, args: Json) -> Json:
    trigger, view = required(args, "trigger_id"), decoded(args.get("view"))
    found = blocks.view_faults(view) if isinstance(view, dict) else ["view must be an object"]
    if found:
        raise Trouble("invalid_arguments", response_metadata={
            "messages": [f"[ERROR] {fault}" for fault in found]})  # fmt: skip
    opened = View(space.id("V"), space.exchange(trigger),
                  {**view, "blocks": named(space.id, view["blocks"])})  # fmt: skip
    space.views.append(opened)
    return {"view": {**opened.body, "id": opened.id, "team_id": TEAM, "app_id": APP_ID}}


def views_update(space: Workspace, _: Token, args: Json) -> Json:
    view = decoded(args.get("view"))
    for opened in space.views:
        if opened.id == args.get("view_id") and not opened.closed:
            opened.body = {**view, "blocks": named(space.id, view["blocks"])}
            return {"view": {**opened.body, "id": opened.id}}
    raise Trouble("not_found")


def upload_url(space: Workspace, _: Token, args: Json) -> Json:
    file = File(space.id("F"), required(args, "filename"), int(required(args, "length")))
    space.uploads[file.id] = file
    return {"upload_url": f"{space.url}/upload/{file.id}", "file_id": file.id}


def complete_upload(space: Workspace, token: Token, args: Json) -> Json:
    """The files become one message, where they are to be seen in a channel."""
    made = []
    for told in decoded(args.get("files")) or []:
        file = space.uploads.get(told.get("id"))
        if file is None or file.content is None:
            raise Trouble("file_not_found")
        file.title = told.get("title") or file.name
        made.append(file)
    if channel := args.get("channel_id"):
        room = space.room(str(channel))
        if BOT not in room.members:
            raise Trouble("not_in_channel" if room.kind == "public" else "channel_not_found")
        thread, comment = str(args.get("thread_ts") or ""), str(args.get("initial_comment") or "")
        for file in made:
            file.channel, file.thread, file.comment = room.id, thread, comment
        space.post(Posted(room.id, space.ts(), BOT, comment, [], thread, files=made))
    space.files.extend(made)
    return {"files": [{"id": file.id, "title": file.title} for file in made]}


METHODS: dict[str, tuple[str, Method]] = {
    "apps.connections.open": ("connections:write", connections_open),
    "auth.test": ("", auth_test),
    "chat.postEphemeral": ("chat:write", chat_methods.post_ephemeral),
    "chat.postMessage": ("chat:write", chat_methods.post_message),
    "chat.update": ("chat:write", chat_methods.update),
    "conversations.history": ("", room_methods.history),
    "conversations.info": ("", room_methods.info),
    "conversations.open": ("im:write", room_methods.open_direct),
    "conversations.replies": ("", room_methods.replies),
    "files.completeUploadExternal": ("files:write", complete_upload),
    "files.getUploadURLExternal": ("files:write", upload_url),
    "users.info": ("users:read", room_methods.user_info),
    "views.open": ("", views_open),
    "views.update": ("", views_update),
}
"""Each with the scope that it needs; those of conversations depend on the kind of channel."""


class Answer:
    """What goes over the wire: status, body, and headers."""

    def __init__(self, status: int, body: Json, headers: dict[str, str] | None = None) -> None:
        self.status = status
        self.body = body
        self.headers = headers or {}


class Api:
    def __init__(self, space: Workspace, limits: Limits) -> None:
        self.space = space
        self.limits = limits
        self.failing: dict[str, list[Trouble]] = {}
        self.losing: dict[str, int] = {}

    def call(self, method: str, token: str, args: Json) -> Answer:
        now = time.monotonic()
        with self.space.lock:
            answer = self._answer(method, token, args, now)
            error = "" if answer.body.get("ok") else str(answer.body.get("error"))
            self.space.calls.append(Call(now, method, token, args, answer.status, error))
        return answer

    def _answer(self, method: str, value: str, args: Json, now: float) -> Answer:
        headers: dict[str, str] = {}
        try:
            token = self._token(value)
            headers["x-oauth-scopes"] = ",".join(sorted(token.scopes))
            channel = str(args.get("channel", ""))
            if wait := self.limits.wait(method, value, channel, now):
                headers["Retry-After"] = str(wait)
                raise Trouble("ratelimited", 429)
            if failing := self.failing.get(method):
                raise failing.pop(0)
            needed, perform = self._method(method)
            if needed == "connections:write" and token.kind != "app":
                raise Trouble("not_allowed_token_type")
            if needed:
                headers["x-accepted-oauth-scopes"] = needed
            if needed and needed not in token.scopes:
                raise Trouble("missing_scope", needed=needed,
                              provided=headers["x-oauth-scopes"])  # fmt: skip
            answer = {"ok": True, **perform(self.space, token, args)}
            if self.losing.get(method):
                self.losing[method] -= 1
                raise Trouble("internal_error", 503)
            return Answer(200, answer, headers)
        except Trouble as trouble:
            body = {"ok": False, "error": trouble.word, **trouble.more}
            return Answer(trouble.status, body, headers)

    def _token(self, value: str) -> Token:
        if not value:
            raise Trouble("not_authed")
        if (token := self.space.tokens.get(value)) is None:
            raise Trouble("invalid_auth")
        if token.revoked:
            raise Trouble("token_revoked")
        return token

    def _method(self, name: str) -> tuple[str, Method]:
        if name not in METHODS:
            raise Trouble("unknown_method", req_method=name)
        return METHODS[name]
