"""`bootstrapper up`: everything on one machine, as children of one parent that ends them together.

The parent starts no thread. The private Redis outlives the others, so that they can write their
last words; whoever of them dies is started again.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from bootstrapper.control.rules import policy_file
from bootstrapper.errors import Mistake
from bootstrapper.jobs import redis_server
from bootstrapper.jobs.process_tree import die_with_parent
from bootstrapper.logs import start_logging
from bootstrapper.policy.file import load
from bootstrapper.processes.systemd import notify
from bootstrapper.settings import ENVIRONMENT, Settings

logger = logging.getLogger(__name__)

CHILDREN = ("serve", "work")
TEMPLATES = "watch"
LOOK = 0.2  # seconds
AGAIN = 1.0  # seconds until a child that died is started again


def run(settings: Settings, settings_file: Path | None = None) -> int:
    start_logging(settings.log, "up")
    file = policy_file(settings)
    if file:
        load(file)  # its faults now, not in a child's log
    return Up(settings, settings_file).run()


def children_of(settings: Settings) -> tuple[str, ...]:
    """The templates too where some are set; `watch` is then one of those that come back."""
    return (*CHILDREN, TEMPLATES) if settings.templates.confdir else CHILDREN


class Up:
    def __init__(self, settings: Settings, settings_file: Path | None) -> None:
        self._settings = settings
        self._file = settings_file
        self._private = None if settings.redis.url else settings.state_dir / "redis"
        self._redis: subprocess.Popen[bytes] | None = None
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._due: dict[str, float] = {}
        self._stopping = False

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self._settings.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
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
        if self._private and self._redis_ended():
            logger.error("redis-server ended and is started again")
            self._redis = redis_server.start(self._private)
        now = time.monotonic()
        for name, child in list(self._children.items()):
            if child.poll() is None:
                continue
            if child.returncode == Mistake.exit_code:
                raise Mistake(f"{name} could not start: its message is above")
            if name not in self._due:
                logger.error("%s ended (%s) and is started again", name, child.returncode)
                self._due[name] = now + AGAIN
            elif now >= self._due[name]:
                del self._due[name]
                self._start(name)

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
