"""The plugins' process as its parent sees it: started, told something, killed with all it made.

Whatever it answers is others' code speaking: it is read with a limit in time and in size.
"""

import logging
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO, Any

import msgspec

from bootstrapper.jobs.process_tree import kill_tree

LINE = 1 << 20  # bytes of an answer
PRINTED = 1000  # bytes of a line that a plugin prints
LINES = 200  # of them in a minute that are logged
MINUTE = 60.0  # seconds
logger = logging.getLogger(__name__)


class Gone(Exception):
    """It ended, or says what no host says."""


class Late(Exception):
    """No answer within the time."""


class Process:
    def __init__(self, folder: Path, work: Path, environment: Mapping[str, str]) -> None:
        """`work` is the folder that it runs in."""
        listen, self._tell = os.pipe()
        self._hear, answer = os.pipe()
        command = (
            *(sys.executable, "-P", "-m", "bootstrapper.chat.limbo.host"),
            *(str(folder), str(listen), str(answer), str(os.getpid())),
        )
        start = partial(
            subprocess.Popen, command, cwd=work, env=dict(environment), pass_fds=(listen, answer),
            start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        started: Future[subprocess.Popen[bytes]] = Future()
        threading.Thread(target=_attend, args=(start, started), daemon=True).start()
        try:
            self._child = started.result()
        except OSError:
            os.close(self._tell)
            os.close(self._hear)
            raise
        finally:
            os.close(listen)
            os.close(answer)
        os.set_blocking(self._tell, False)

    @property
    def ended(self) -> bool:
        """Between two questions it has nothing to say: what can be read is its end."""
        return bool(select.select([self._hear], [], [], 0)[0])

    def tell(self, told: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """Raises Gone or Late; then it must be killed."""
        until = time.monotonic() + seconds
        self._write(msgspec.json.encode(told) + b"\n", until)
        try:
            return msgspec.json.decode(self._line(until), type=dict[str, Any])
        except msgspec.MsgspecError as error:
            raise Gone from error

    def interrupt(self) -> None:
        """From another thread: whoever waits for an answer learns that it is gone."""
        if self._child.returncode is None:  # until it is waited for, the number is its own
            kill_tree(self._child.pid)

    def kill(self) -> None:
        self.interrupt()
        self._child.wait()
        os.close(self._tell)
        os.close(self._hear)

    def _write(self, content: bytes, until: float) -> None:
        while content:
            _, ready, _ = select.select([], [self._tell], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise Late
            try:
                content = content[os.write(self._tell, content) :]
            except BrokenPipeError as error:
                raise Gone from error

    def _line(self, until: float) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([self._hear], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise Late
            got = os.read(self._hear, 65_536)
            line += got
            if not got or len(line) > LINE:
                raise Gone
        return line


def _attend(
    start: Callable[[], subprocess.Popen[bytes]], started: Future[subprocess.Popen[bytes]]
) -> None:
    """Start it, and log what it prints until it ends: it dies with the thread that started it."""
    try:
        child = start()
    except OSError as error:
        started.set_exception(error)
        return
    started.set_result(child)
    if child.stdout:
        with child.stdout:
            _log(child.stdout)
    with suppress(ChildProcessError):
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)


def _log(printed: IO[bytes]) -> None:
    """A plugin that never stops printing must not fill the log."""
    since, lines = time.monotonic(), 0
    for line in iter(lambda: printed.readline(PRINTED), b""):
        text, now = line.decode(errors="replace").strip(), time.monotonic()
        if now - since > MINUTE:
            since, lines = now, 0
        lines += bool(text)
        if text and lines <= LINES:
            logger.info("limbo: %s", text)
        elif text and lines == LINES + 1:
            logger.warning("limbo: plugins print too much: the rest of this minute is left out")
