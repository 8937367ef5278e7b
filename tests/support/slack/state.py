"""The workspace: who is in it, what was posted, and the tokens; under one lock.

Time stamps are unique and rise over the whole workspace, as Slack's do within a channel.
"""

import itertools
import threading
import time

from support.slack.shapes import named
from support.slack.values import (
    BOT,
    Call,
    Channel,
    Edit,
    File,
    Json,
    Posted,
    Token,
    Trouble,
    User,
    View,
    Whisper,
)

BOT_TOKEN = "xoxb-bot-of-the-tests"
APP_TOKEN = "xapp-app-of-the-tests"
SCOPES = ("app_mentions:read", "channels:history", "channels:read", "chat:write", "commands",
          "files:write", "groups:history", "groups:read", "im:history", "im:read", "im:write",
          "users:read", "users:read.email")  # fmt: skip
TRIGGER = 3.0  # seconds that a trigger_id is good for
RESPOND = 1800.0
RESPONSES = 5


class Workspace:
    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.url = ""
        self.tokens = {
            BOT_TOKEN: Token(BOT_TOKEN, "bot", set(SCOPES)),
            APP_TOKEN: Token(APP_TOKEN, "app", {"connections:write"}),
        }
        self.users = {BOT: User(BOT, "bootstrapper", "Bootstrapper")}
        self.channels: dict[str, Channel] = {}
        self.messages: list[Posted] = []
        self.whispers: list[Whisper] = []
        self.views: list[View] = []
        self.uploads: dict[str, File] = {}
        self.files: list[File] = []
        self.calls: list[Call] = []
        self.tickets: set[str] = set()
        self.trigger_life = TRIGGER
        self._triggers: dict[str, tuple[str, float, bool]] = {}
        self._responses: dict[str, Response] = {}
        self._last_ts = 0
        self._ids = itertools.count(1)

    def id(self, letter: str) -> str:
        return f"{letter}{next(self._ids):08d}"

    def ts(self) -> str:
        with self.lock:
            self._last_ts = max(self._last_ts + 1, time.time_ns() // 1000)
            return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    # Who and where

    def user(self, name: str, real_name: str = "", email: str = "") -> str:
        """A new person; the id."""
        with self.lock:
            known = self.id("U")
            self.users[known] = User(known, name, real_name or name.title(), email)
            return known

    def channel(self, name: str, *members: str, kind: str = "public", bot: bool = True) -> str:
        """A new channel, with the bot in it unless told otherwise; the id."""
        with self.lock:
            room = Channel(self.id("C"), name, kind, {*members, *([BOT] if bot else [])})
            self.channels[room.id] = room
            return room.id

    def direct(self, user: str) -> str:
        """The id of the conversation between this user and the bot, opened when there is none."""
        with self.lock:
            if user not in self.users:
                raise Trouble("user_not_found")
            for room in self.channels.values():
                if room.kind == "im" and user in room.members:
                    return room.id
            room = Channel(self.id("D"), "", "im", {user, BOT})
            self.channels[room.id] = room
            return room.id

    def room(self, name: str) -> Channel:
        """By id, or by name; a user's id stands for the conversation with them."""
        if name in self.users:
            name = self.direct(name)
        for room in self.channels.values():
            if name in (room.id, room.name, f"#{room.name}"):
                return room
        raise Trouble("channel_not_found")

    # What was said

    def post(self, message: Posted) -> Posted:
        with self.lock:
            message.edits.append(Edit(time.monotonic(), message.text, message.blocks))
            self.messages.append(message)
            return message

    def message(self, channel: str, ts: str) -> Posted:
        for message in self.messages:
            if message.channel == channel and message.ts == ts and not message.deleted:
                return message
        raise Trouble("message_not_found")

    def edit(self, message: Posted, text: str, blocks: list[Json]) -> None:
        with self.lock:
            message.text, message.blocks = text, named(self.id, blocks)
            message.edits.append(Edit(time.monotonic(), text, message.blocks))

    # What is good for a while

    def trigger(self, user: str) -> str:
        with self.lock:
            number = next(self._ids)
            made = f"{number}.{number * 7919}.{number:032x}"
            self._triggers[made] = (user, time.monotonic(), False)
            return made

    def exchange(self, trigger: str) -> str:
        """The user who gave this trigger: once, and within 3 s."""
        with self.lock:
            if trigger not in self._triggers:
                raise Trouble("invalid_trigger_id")
            user, at, used = self._triggers[trigger]
            if used:
                raise Trouble("exchanged_trigger_id")
            if time.monotonic() - at > self.trigger_life:
                raise Trouble("expired_trigger_id")
            self._triggers[trigger] = (user, at, True)
            return user

    def response_url(self, user: str, channel: str, message: Posted | Whisper | None) -> str:
        with self.lock:
            key = f"{self.id('R')}"
            self._responses[key] = Response(user, channel, message)
            return f"{self.url}/response/{key}"

    def response(self, key: str) -> "Response":
        with self.lock:
            found = self._responses.get(key)
            if found is None or time.monotonic() - found.at > RESPOND:
                raise Trouble("expired_url", 404)
            if found.used >= RESPONSES:
                raise Trouble("used_url", 404)
            found.used += 1
            return found


class Response:
    """A response_url: good for 30 minutes and 5 uses."""

    def __init__(self, user: str, channel: str, message: Posted | Whisper | None) -> None:
        self.user = user
        self.channel = channel
        self.message = message
        self.at = time.monotonic()
        self.used = 0
