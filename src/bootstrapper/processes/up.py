"""`bootstrapper up`: everything on one machine, as children of one parent that ends them together.

The parent starts no thread. The private Redis outlives the others, so that they can write their
last words; whoever of them dies is started again. A worker that was drained did not die.
"""

import fcntl
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import IO

from bootstrapper.control.rules import policy_file
from bootstrapper.errors import Error, Mistake
from bootstrapper.jobs import redis_server
from bootstrapper.jobs.process_tree import die_with_parent
from bootstrapper.logs import start_logging
from bootstrapper.policy.file import load
from bootstrapper.processes.state_folder import make_state_folder
from bootstrapper.processes.systemd import notify
from bootstrapper.settings import ENVIRONMENT, Settings

logger = logging.getLogger(__name__)

CHILDREN = ("serve", "work")
REDIS = "redis-server"
WATCH = "watch"
CHAT = "chat"
LOOK = 0.2  # seconds
AGAIN = 1.0  # seconds until a child that died is started again


def run(settings: Settings, settings_file: Path | None = None) -> int:
    start_logging(settings.log, "up")
    file = policy_file(settings)
    if file:
        load(file)  # its faults now, not in a child's log
    return Up(settings, settings_file).run()


def children_of(settings: Settings) -> tuple[str, ...]:
    """`watch` and `chat` too where they have something to do; they then come back as the others."""
    kept = settings.templates.confdir or settings.fleet.enabled
    told = settings.chat.enabled or settings.notify.rules
    return (*CHILDREN, *((WATCH,) if kept else ()), *((CHAT,) if told else ()))


class Up:
    def __init__(self, settings: Settings, settings_file: Path | None) -> None:
        self._settings = settings
        self._file = settings_file
        self._private = None if settings.redis.url else settings.state_dir / "redis"
        self._redis: subprocess.Popen[bytes] | None = None
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._due: dict[str, float] = {}
        self._lock: IO[str] | None = None
        self._stopping = False

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        make_state_folder(self._settings)
        self._be_the_only_one()
        try:
            self._start_redis()
            for name in children_of(self._settings):
                self._start(name)
            notify("READY=1")
            while not self._stopping:
                time.sleep(LOOK)
                self._replace_the_dead()
        finally:
            self._end()
        return 0

    def _be_the_only_one(self) -> None:
        """Two of them would share one Redis, which ends with the first of them."""
        file = self._settings.state_dir / "up.lock"
        try:
            self._lock = file.open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # until this process ends
        except BlockingIOError as error:
            raise Mistake(f"another `up` runs on {file.parent}", field="state") from error
        except OSError as error:
            raise Mistake(f"{file}: {error.strerror}", field="state") from error

    def _start_redis(self) -> None:
        if self._private:
            self._redis = redis_server.start(self._private)
        else:
            from bootstrapper.control.parts import make_parts  # noqa: PLC0415 (slow to import)

            make_parts(self._settings).redis.ping()

    def _start(self, name: str) -> None:
        environment = dict(os.environ)
        if self._file:
            environment[ENVIRONMENT + "SETTINGS"] = str(self._file)
        self._children[name] = subprocess.Popen(
            [sys.executable, "-m", "bootstrapper", name], env=environment,
            stdin=subprocess.DEVNULL, start_new_session=True,
            preexec_fn=lambda: die_with_parent(signal.SIGTERM),  # noqa: PLW1509
        )  # fmt: skip

    def _replace_the_dead(self) -> None:
        now = time.monotonic()
        if self._private and self._redis_ended() and now >= self._due.get(REDIS, now):
            self._replace_redis(self._private)
        for name, child in list(self._children.items()):
            if child.poll() is None:
                continue
            if child.returncode == Mistake.exit_code:
                raise Mistake(f"{name} could not start: its message is above")
            if name == "work" and child.returncode == 0:
                logger.warning("work is drained: restart `up` to run jobs again")
                del self._children[name]
            elif name not in self._due:
                logger.error("%s ended (%s) and is started again", name, child.returncode)
                self._due[name] = now + AGAIN
            elif now >= self._due[name]:
                del self._due[name]
                self._start(name)

    def _replace_redis(self, folder: Path) -> None:
        """As often as it takes: it ends, and cannot start, while the disk is full."""
        logger.error("redis-server ended and is started again")
        try:
            self._redis = redis_server.start(folder)
        except (Error, OSError) as error:
            logger.error("redis-server does not start: %s", error)
            self._redis = None
            self._due[REDIS] = time.monotonic() + AGAIN

    def _redis_ended(self) -> bool:
        """Perhaps it is not our child: an `up` before us may have left it."""
        if self._redis is not None:
            return self._redis.poll() is not None
        return self._private is not None and not redis_server.listens(self._private)

    def _end(self) -> None:
        notify("STOPPING=1")
        for child in self._children.values():
            child.terminate()
        for name, child in self._children.items():
            try:
                child.wait(self._settings.jobs.grace + 10)
            except subprocess.TimeoutExpired:
                logger.error("%s does not end: killed", name)
                child.kill()
                child.wait()
        if self._redis is not None:
            redis_server.stop(self._redis)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self._stopping:  # a second time: do not wait for running jobs
            for child in self._children.values():
                child.terminate()
        self._stopping = True
