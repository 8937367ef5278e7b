"""What a workspace is made of. Messages and views change as the app edits them."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

BOT = "UBOT00001"
"""The bot's user; `<@BOT>` in what people say is turned into it."""
BOT_ID = "BBOT00001"
APP_ID = "AAPP00001"
TEAM = "TTEAM0001"


@dataclass(frozen=True)
class Edit:
    """`at`: seconds of the monotonic clock, as in `Call`."""

    at: float
    text: str
    blocks: list[Json]


@dataclass
class Posted:
    """A message. `edits`: what it has been, and is: the first is how it was posted."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread: str = ""
    metadata: Json | None = None
    files: list["File"] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    deleted: bool = False

    @property
    def by_bot(self) -> bool:
        return self.user == BOT


@dataclass
class Whisper:
    """What one user alone sees: an ephemeral message."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread: str = ""
    deleted: bool = False


@dataclass
class File:
    id: str
    name: str
    size: int
    content: bytes | None = None
    title: str = ""
    channel: str = ""
    thread: str = ""
    comment: str = ""


@dataclass
class View:
    """A modal as `user` sees it. `closed`: it was sent without errors, or the app cleared it."""

    id: str
    user: str
    body: Json
    closed: bool = False
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def callback_id(self) -> str:
        return str(self.body.get("callback_id", ""))


@dataclass
class Channel:
    """`kind`: public, private or im; the members' user ids."""

    id: str
    name: str
    kind: str = "public"
    members: set[str] = field(default_factory=set)
    archived: bool = False


@dataclass
class User:
    id: str
    name: str
    real_name: str = ""
    email: str = ""
    deleted: bool = False
    timezone: str = "Etc/UTC"


@dataclass
class Token:
    """`kind`: bot or app."""

    value: str
    kind: str
    scopes: set[str]
    revoked: bool = False


@dataclass(frozen=True)
class Call:
    """One call of the Web API. `at`: seconds of the monotonic clock; `error`: "" for a good one."""

    at: float
    method: str
    token: str
    args: Json
    status: int
    error: str

    @property
    def channel(self) -> str:
        return str(self.args.get("channel", ""))

    @property
    def ok(self) -> bool:
        return self.status == 200 and not self.error


class Trouble(Exception):
    """Slack's answer to a call that failed: the error's word, and more fields of the answer."""

    def __init__(self, word: str, status: int = 200, **more: Any) -> None:
        super().__init__(word)
        self.word = word
        self.status = status
        self.more = more
