"""limbo's plugins, asked one after the other from many threads.

Who hangs, crashes or takes its process along costs its own answer: the process is killed with all
that it started and is made again, and the next plugin is asked.
"""

import logging
import threading
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import Struct

from bootstrapper.chat.limbo.process import Gone, Late, Process
from bootstrapper.errors import Mistake, Unavailable

logger = logging.getLogger(__name__)


class Message(Struct, frozen=True, kw_only=True):
    """What a plugin gets as `msg`, and who says it. `text` is as Slack has it: with `&amp;`."""

    text: str
    user: str
    channel: str
    ts: str = ""
    thread: str = ""
    name: str = ""
    channel_name: str = ""

    def as_limbo(self) -> dict[str, str]:
        event = {
            "type": "message", "text": self.text, "user": self.user, "channel": self.channel,
            "ts": self.ts, "team": "",
        }  # fmt: skip
        return event | ({"thread_ts": self.thread} if self.thread else {})


class Reply(Struct, frozen=True):
    """`late`: it was stopped for its time, and `text` is empty."""

    plugin: str
    text: str
    late: bool = False


class Plugins:
    def __init__(
        self,
        folder: Path,
        work: Path,
        *,
        timeout: float,
        environment: Mapping[str, str],
        wanted: Collection[str] = (),
    ) -> None:
        """`timeout`: seconds for each plugin to be loaded, and to answer. `wanted`: only these.

        Nothing is started before it is needed. A Mistake when there is no such folder.
        """
        if not folder.is_dir():
            raise Mistake(f"{folder}: no such folder of plugins", field="chat.plugins")
        self._folder = folder.resolve()
        self._work = work
        self._timeout = timeout
        self._environment = environment
        self._turn = threading.Lock()
        self._process: Process | None = None
        self._closed = False
        self._left = _found(self._folder, wanted)  # those that may be loaded
        self._docs: dict[str, str] = {}

    def names(self) -> tuple[str, ...]:
        """Those that were loaded and have `on_message`."""
        with self._turn:
            self._ready()
            return tuple(self._docs)

    def help(self) -> dict[str, str]:
        """Plugin → its `__doc__`, "" where it has none."""
        with self._turn:
            self._ready()
            return dict(self._docs)

    def ask(self, allowed: Collection[str], message: Message) -> tuple[Reply, ...]:
        """What those of `allowed` say to it, in the order of their names."""
        with self._turn:
            self._ready()
            plugins = [name for name in self._docs if name in allowed]
            said = (self._ask(name, plugins, message) for name in plugins)
            return tuple(each for each in said if each is not None)

    def close(self) -> None:
        """At once: who still waits for an answer gets Unavailable."""
        self._closed = True
        if process := self._process:
            process.interrupt()
        with self._turn:
            self._kill()

    def _ask(self, plugin: str, allowed: list[str], message: Message) -> Reply | None:
        process = self._ready()
        if plugin not in self._docs:  # it could not be loaded again
            return None
        who = {"name": message.name, "channel_name": message.channel_name}
        told = {"ask": plugin, "message": message.as_limbo(), "who": who, "allowed": allowed}
        try:
            answer = process.tell(told, self._timeout)
        except Late:
            logger.warning(
                "limbo: %s took longer than %g s, and was stopped", plugin, self._timeout
            )
            self._kill()
            return Reply(plugin, "", late=True)
        except Gone:
            self._kill()
            self._check_open()
            logger.warning("limbo: %s took its process along", plugin)
            return None
        if fault := answer.get("fault"):
            logger.warning("limbo: %s failed: %s", plugin, fault)
        text = answer.get("reply")
        return Reply(plugin, text) if isinstance(text, str) and text else None

    def _ready(self) -> Process:
        """The process, with its plugins loaded; a plugin that breaks it is left out from then."""
        self._check_open()
        if self._process is not None and self._process.ended:
            self._kill()
        while self._process is None:
            self._check_open()
            self._process = self._start()
            with suppress(Late, Gone):
                self._load(self._process)
                break
            self._kill()
        return self._process

    def _check_open(self) -> None:
        if self._closed:
            raise Unavailable("the plugins are being stopped")

    def _start(self) -> Process:
        self._work.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Process(self._folder, self._work, self._environment)

    def _load(self, process: Process) -> None:
        docs: dict[str, str] = {}
        for name in self._left:
            try:
                answer = process.tell({"load": name}, self._timeout)
            except (Late, Gone) as error:
                self._check_open()
                how = "takes too long" if isinstance(error, Late) else "ends the process"
                self._leave_out(name, f"loading it {how}")
                raise
            self._judge(name, answer, docs)
        self._docs = docs

    def _judge(self, name: str, answer: dict[str, Any], docs: dict[str, str]) -> None:
        if "hook" not in answer:
            self._leave_out(name, str(answer.get("fault", "")))
            return
        if fault := answer.get("fault"):
            logger.warning("limbo: on_init of %s failed: %s", name, fault)
        if answer["hook"]:
            docs[name] = str(answer.get("doc", ""))

    def _leave_out(self, name: str, why: str) -> None:
        logger.warning("limbo: the plugin %s is left out: %s", name, why)
        self._left = tuple(each for each in self._left if each != name)

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process = None


def _found(folder: Path, wanted: Collection[str]) -> tuple[str, ...]:
    """As limbo finds them: every `.py` that starts with neither `_` nor a dot."""
    names = sorted(path.stem for path in folder.glob("[!_.]*.py"))
    for name in set(wanted) - set(names):
        logger.warning("limbo: there is no plugin %s in %s", name, folder)
    return tuple(name for name in names if not wanted or name in wanted)
