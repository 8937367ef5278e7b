"""A talk with the bot: people of the tests' Slack, the real Bolt app, inbox, workers and Redis.

Nobody runs the jobs: what was accepted, as whom and by which rule, is what these tests look at.
"""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from bootstrapper.chat.cards.loop import Cards
from bootstrapper.chat.conversation.answerer import Answerer
from bootstrapper.chat.conversation.hooks import check_form, suggestions
from bootstrapper.chat.conversation.work import work
from bootstrapper.chat.heard import Place
from bootstrapper.chat.inbox import Inbox
from bootstrapper.chat.slack.app import make_app
from bootstrapper.chat.slack.identity import Identity
from bootstrapper.chat.slack.socket import listen
from bootstrapper.chat.slack.voice import Voice
from bootstrapper.control.parts import Parts, make_parts
from bootstrapper.ids import new_id
from bootstrapper.jobs.job import Job
from bootstrapper.lifecycle import Stop
from bootstrapper.policy.audit import Entry
from bootstrapper.settings import Settings
from support.content import FILES, HOSTS
from support.eventually import eventually
from support.redis import RedisServer
from support.slack import FakeSlack
from support.slack.values import BOT, BOT_ID, TEAM, Posted, Whisper

ME = Identity(user=BOT, bot=BOT_ID, team=TEAM)
POLICY = """
[groups]
ops = ["user:ann", "user:eve"]
approvers = ["user:eve"]

[users.ann]
slack = ["{ann}"]
[users.bob]
slack = ["{bob}"]
[users.eve]
slack = ["{eve}"]

[channels]
ops = ["{ops}"]
lobby = ["{lobby}"]

[[rule]]
name = "rollouts"
verdict = "allow"
actions = ["update-code"]
envs = ["staging"]
tags = ["v*"]
channels = ["ops"]
groups = ["ops"]

[[rule]]
name = "pings"
verdict = "allow"
actions = ["run-module"]
modules = ["ping"]
hosts = ["stage-*"]
channels = ["ops", "direct"]
groups = ["ops"]

[[rule]]
name = "prod-roles"
verdict = "approve"
actions = ["apply-roles"]
envs = ["prod"]
check = false
groups = ["ops"]
approvals = {{ count = 1, group = "approvers", expires = "1h" }}

[[rule]]
name = "roles"
verdict = "allow"
actions = ["apply-roles"]
groups = ["ops"]

[[rule]]
name = "brakes"
verdict = "allow"
actions = ["locks.*", "jobs.cancel"]
groups = ["ops"]

[[rule]]
name = "looks"
verdict = "allow"
risks = ["read"]
actors = ["user:ann", "user:bob", "user:eve"]

[[rule]]
name = "notes"
verdict = "allow"
actions = ["limbo:*"]
actors = ["*"]
"""


class Noted(Cards):
    """The cards, with a note of which jobs were to be shown, and where."""

    def __init__(self, parts: Parts, voice: Voice) -> None:
        super().__init__(parts, voice)
        self.followed: list[tuple[str, Place]] = []

    def follow(self, job_id: str, place: Place, by: str = "") -> bool:
        self.followed.append((job_id, place))
        return super().follow(job_id, place, by)

    def places(self, job_id: str) -> list[Place]:
        return [place for known, place in self.followed if known == job_id]


class Talk:
    """`ann` and `eve` are of ops, `bob` is known, `carl` is a stranger; `ops` and `lobby` are
    channels with all of them and the bot, `secret` is one that the bot is not in."""

    def __init__(self, parts: Parts, slack: FakeSlack, folder: Path) -> None:
        self.parts = parts
        self.slack = slack
        self.ann, self.bob, self.eve, self.carl = map(slack.user, ("ann", "bob", "eve", "carl"))
        people = (self.ann, self.bob, self.eve, self.carl)
        self.ops = slack.channel("ops", *people)
        self.lobby = slack.channel("lobby", *people)
        self.secret = slack.channel("secret", self.ann, kind="private", bot=False)
        self.direct = slack.direct(self.ann)
        (folder / "policy.toml").write_text(POLICY.format(**vars(self)))
        self.inbox = Inbox(parts)
        self.voice = Voice(slack.bot_token, slack.api)
        self.cards = Noted(parts, self.voice)
        self.answerer = Answerer(
            parts, self.voice, self.cards, plugins=_notes, plugin_help=lambda _: {"note": NOTE}
        )

    def says(self, user: str, text: str, channel: str = "", thread: str = "") -> Posted:
        """To the bot by its name, in `ops` unless told otherwise; returns when that is done."""
        place = channel or self.ops
        said = self.slack.says(user, place, f"<@BOT> {text}", thread)
        self.idle()
        return said

    def commands(self, user: str, text: str, channel: str = "") -> None:
        self.slack.command(user, channel or self.ops, "/bootstrapper", text).ack()
        self.idle()

    def clicks(self, user: str, seen: Posted | Whisper, button: str) -> None:
        self.slack.click(user, seen, button).ack()
        self.idle()

    def idle(self) -> None:
        """Until everything that was delivered is through."""
        eventually(lambda: all(each.done.is_set() for each in self.slack.courier.deliveries))
        eventually(lambda: not self.inbox.waiting(), what="all is answered")

    def jobs(self) -> list[Job]:
        """All that were accepted, the newest first."""
        return list(self.parts.jobs.many(self.parts.jobs.newest()))

    def job(self) -> Job:
        """The newest."""
        return self.jobs()[0]

    def whisper(self, user: str) -> str:
        """The last thing that was said to this user alone."""
        return shown(self.slack.whispers(user)[-1])

    def reply(self, said: Posted) -> str:
        """The last thing that was said below this."""
        return shown(self.slack.thread(said.ts)[-1])

    def audited(self, action: str) -> Entry:
        """The last verdict on this."""
        found = [entry for entry in self.parts.audit.entries(0, 1000) if entry.action == action]
        return found[-1]


def shown(seen: Posted | Whisper) -> str:
    """All that a person reads of it."""
    return shown_in(seen.blocks) or seen.text


def shown_in(blocks: Any) -> str:
    return "\n".join(_texts(blocks))


def _texts(value: Any) -> Iterator[str]:
    match value:
        case {"type": "mrkdwn" | "plain_text", "text": str(text)}:
            yield text
        case dict():
            for each in value.values():
                yield from _texts(each)
        case list():
            for each in value:
                yield from _texts(each)


NOTE = "!note <words>: keeps a note"


def _notes(actor: Any, said: Any) -> str | None:
    return f"noted by {actor.name}" if said.text.startswith("!note") else None


@contextmanager
def a_talk(redis: RedisServer, folder: Path, *, cards: bool = False) -> Iterator[Talk]:
    """`cards`: whether jobs are shown, too."""
    slack = FakeSlack().start()
    slack.limits.off()
    (folder / "policy.toml").write_text("")
    parts = make_parts(_settings(redis, folder, slack))
    parts.library.sync()
    talk = Talk(parts, slack, folder)
    stop = threading.Event()
    loops = (_listener(talk), _worker(talk), _worker(talk), *((talk.cards.run,) if cards else ()))
    threads = [threading.Thread(target=loop, args=(stop,), daemon=True) for loop in loops]
    for thread in threads:
        thread.start()
    try:
        eventually(lambda: slack.connections, what="the bot is connected")
        yield talk
    finally:
        stop.set()
        for thread in threads:
            thread.join(10)
        slack.stop()


def _listener(talk: Talk) -> Any:
    chat = talk.parts.settings.chat
    app = make_app(
        chat, ME, talk.inbox.put, check_form=check_form,
        suggest=lambda typed: suggestions(talk.parts, typed),
    )  # fmt: skip

    def loop(stop: Stop) -> None:
        listen(app, talk.slack.app_token, talk.slack.api, stop)

    return loop


def _worker(talk: Talk) -> Any:
    def loop(stop: Stop) -> None:
        work(talk.inbox, talk.answerer, stop)

    return loop


def _settings(redis: RedisServer, folder: Path, slack: FakeSlack) -> Settings:
    return msgspec.convert(
        {
            "state": str(folder / "state"),
            "redis": {"url": redis.url, "prefix": f"{new_id()}:"},
            "content": {"path": str(_content(folder / "content"))},
            "policy": {"file": str(folder / "policy.toml")},
            "chat": {"api": slack.api, "edit_interval": 0.2},
            "audit": {"read_interval": 0.0},
        },
        Settings,
    )


def _content(folder: Path) -> Path:
    """The tests' own, with addresses that nobody answers at."""
    shutil.copytree(FILES, folder)
    for env, groups in HOSTS.items():
        (folder / "inventories" / env).mkdir(parents=True)
        lines = [line for group, names in groups.items() for line in (f"[{group}]", *names)]
        (folder / "inventories" / env / "hosts").write_text("\n".join(lines) + "\n")
    return folder
