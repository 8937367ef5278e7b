"""Jobs that are told about in a channel: their journals are written by hand."""

import threading
from types import TracebackType
from typing import Any, Self

from bootstrapper.chat.cards.loop import Cards
from bootstrapper.chat.heard import Place
from bootstrapper.chat.slack.voice import Voice
from bootstrapper.control.parts import Parts, make_parts
from bootstrapper.events import Event, HostResult, JobWaiting
from bootstrapper.ids import new_id
from bootstrapper.jobs.job import Approvals
from bootstrapper.jobs.states import State
from bootstrapper.settings import Settings
from bootstrapper.settings.sections import Chat, Redis
from support.eventually import eventually
from support.redis import RedisServer
from support.slack import FakeSlack
from support.slack.values import File, Posted
from support.specs import QUEUED, a_spec, submitted

SOON = 0.2  # seconds between two edits, where a test does not care


class CardsWorld:
    """`start` and `stop` cards as often as wanted: each is a new one on the same Redis."""

    def __init__(self, redis: RedisServer, slack: FakeSlack) -> None:
        self._redis = redis
        self.slack = slack
        self.prefix = f"{new_id()}:"
        self.channel = slack.channel("ops", slack.user("ann"))
        self.parts = self.parts_with()
        self.voice = Voice(slack.bot_token, slack.api)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.stop()
        self.parts.redis.close()

    def parts_with(self, **chat: Any) -> Parts:
        chat = {"edit_interval": SOON, **chat}
        settings = Settings(redis=Redis(url=self._redis.url, prefix=self.prefix), chat=Chat(**chat))
        return make_parts(settings)

    @property
    def place(self) -> Place:
        return Place(channel=self.channel)

    @property
    def cards(self) -> Cards:
        return Cards(self.parts, self.voice)

    def start(self, **chat: Any) -> None:
        self.stop()
        if chat:
            self.parts = self.parts_with(**chat)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.cards.run, args=(self._stop,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(15)
            assert not self._thread.is_alive()
            self._thread = None

    # Jobs

    def job(self, *, follow: bool = True, **spec: Any) -> str:
        job = submitted(self.parts.jobs, **spec)
        if follow:
            self.cards.follow(job, self.place)
        return job

    def asked(self, digest: str = "d1", count: int = 2, **spec: Any) -> str:
        """A job that waits for approvals."""
        approvals = Approvals(
            count=count, group="ops", expires="2030-01-01T00:00:00.000Z", digest=digest
        )
        made = a_spec(approvals=approvals, **spec)
        waiting = JobWaiting(f"needs {count} approvals of ops", "approval", "ops")
        self.parts.jobs.submit(
            made, [QUEUED, waiting], state=State.WAITING, reason=waiting.reason,
            waits_for="approval",
        )  # fmt: skip
        return made.id

    def runs(self, job: str, *events: Event) -> None:
        """A worker has taken it, and tells."""
        if self.parts.jobs.get(job).state is not State.RUNNING:
            assert self.parts.jobs.claim(job, "w1", new_id(), 100).ids
        if events:
            assert self.parts.jobs.append(job, events) == "written"

    def ends(self, job: str, state: State = State.SUCCESSFUL, reason: str = "") -> None:
        self.runs(job)
        self.parts.jobs.finish(self.parts.jobs.get(job), state, reason)

    # What is seen

    def messages(self, channel: str = "") -> list[Posted]:
        """Without those in threads."""
        return [each for each in self.slack.said(channel or self.channel) if not each.thread]

    def message(self, *texts: str, within: float = 5.0) -> Posted:
        """The only one there is, as soon as all this is in it."""

        def look() -> Posted:
            found = self.messages()
            assert len(found) == 1, [shown_in(each) for each in found]
            only = found[0]
            shown = shown_in(only)
            assert all(text in shown for text in texts), shown
            return only

        return eventually(look, within=within)

    def threads(self, of: Posted) -> list[str]:
        """What was said in it; the files are beside."""
        shown = [shown_in(each) for each in self.slack.thread(of.ts)]
        return [text for text in shown if text]

    def files(self) -> list[File]:
        return [each for each in self.slack.files if each.channel == self.channel]

    def settled(self, *, within: float = 10.0) -> None:
        """Nothing is left to tell."""
        key = f"{self.prefix}chat:followed"
        eventually(lambda: not self.parts.redis.exists(key), what="all is told", within=within)


def shown_in(message: Posted) -> str:
    """All its texts, and its buttons by their action ids."""
    return "\n".join(_texts(message.blocks)) or message.text


def _texts(value: Any) -> list[str]:
    match value:
        case {"type": "button", "action_id": name}:
            return [f"[{name}]"]
        case {"text": str(text)}:
            return [text]
        case dict():
            return [text for each in value.values() for text in _texts(each)]
        case list():
            return [text for each in value for text in _texts(each)]
        case _:
            return []


def failed(host: str, task: str = "install", **more: Any) -> HostResult:
    return HostResult(host=host, task=task, status="failed", **{"message": "no", **more})
