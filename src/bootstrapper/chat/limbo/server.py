"""What limbo hands to a plugin as `server`: as much of it as plugins use.

`server.query` and `server.db` are a SQLite file; `server.hooks` holds the help of those plugins
that the caller may use; `server.slack` knows the caller, and posts where they asked. What would
need the bot's token is not there, and says so: the plugins' process has none.
"""

import json
import os
import sqlite3
from typing import Any, NamedTuple, NoReturn

DATABASE = "limbo.sqlite3"  # in the folder that the process is in, as with limbo


class User(NamedTuple):
    id: str
    name: str
    real_name: str
    tz: str


class Channel(NamedTuple):
    id: str
    name: str


class NotHere(Exception):
    """A plugin asked for what is not offered; the text says what."""


class Slack:
    """`posted` is what the plugin said by itself, in order."""

    def __init__(self, message: dict[str, Any], who: dict[str, str]) -> None:
        self.userid = who.get("bot", "")
        self.username = who.get("bot_name", "bootstrapper")
        self.login_data = {"self": {"id": self.userid, "name": self.username}}
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.bots: dict[str, Any] = {}
        self.posted: list[str] = []
        self._channel = message.get("channel", "")
        if user := message.get("user"):
            name = who.get("name", user)
            self.users[user] = User(user, name, name, "unknown")
        if self._channel:
            self.channels[self._channel] = Channel(self._channel, who.get("channel_name", ""))

    def post_message(self, channel_id: str, message: str, **more: Any) -> str:
        """In the channel that the message came from. The answer is Slack's, but for the `ts`."""
        if channel_id != self._channel:
            raise NotHere("a plugin posts to the channel that it is asked in, and to no other")
        self.posted.append(f"{message}")
        return json.dumps({"ok": True, "channel": channel_id, "ts": ""})

    def rtm_send_message(self, channel_id: str, message: str, thread_ts: str | None = None) -> None:
        self.post_message(channel_id, message)

    def post_reaction(self, channel_id: str, timestamp: str, name: str, **more: Any) -> str:
        """Left out: a post has no `ts` before the plugin has ended."""
        return json.dumps({"ok": False, "error": "not_served"})

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotHere(f"server.slack.{name} is not offered: plugins have no token of Slack's")


class Server:
    def __init__(self) -> None:
        self.config = {
            name.removeprefix("LIMBO_").lower(): value
            for name, value in os.environ.items()
            if name.startswith("LIMBO_")
        }
        self.docs: dict[str, str] = {}
        self.hooks: dict[str, Any] = {}
        self.slack = Slack({}, {})
        self._connection: sqlite3.Connection | None = None

    def for_message(
        self, message: dict[str, Any], who: dict[str, str], allowed: list[str]
    ) -> "Server":
        """This one, as the caller of the message may see it."""
        docs = {name: self.docs[name] for name in allowed if name in self.docs}
        first = {name: doc.split("\n")[0] for name, doc in docs.items()}
        self.hooks = {"help": first, "extendedhelp": docs}
        self.slack = Slack(message, who)
        return self

    @property
    def db(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = sqlite3.connect(DATABASE)
        return self._connection

    def query(self, sql: str, *params: Any) -> list[Any]:
        """All rows; what it changes is written when it returns."""
        cursor = self.db.cursor()
        cursor.execute(sql, params)
        rows = cursor.fetchall()
        cursor.close()
        self.db.commit()
        return rows
