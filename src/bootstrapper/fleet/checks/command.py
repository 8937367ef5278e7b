"""A question by a program: its exit code is the answer, its last words the reason. No shell.

It runs in a session of its own, so that a program that takes too long ends with all it started.
"""

import os
import signal
import subprocess
from contextlib import suppress
from selectors import EVENT_READ, BaseSelector

from bootstrapper.fleet.checks.asking import OURS, NotAsked, words
from bootstrapper.fleet.checks.counting import Result
from bootstrapper.fleet.checks.questions import Execute

PIECE = 65_536  # bytes
MOST = 1_000_000  # bytes that it may say
SHOWN = 200  # letters of its last words


class Command:
    __slots__ = ("_asked", "_pidfd", "_pipe", "_process", "_said", "_seconds", "_told", "over")

    def __init__(self, asked: Execute, seconds: float) -> None:
        self.over = False
        self._asked = asked
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._pidfd = self._pipe = -1
        self._said = b""
        self._told = 0

    def begin(self, selector: BaseSelector) -> Result | None:
        try:
            reader, writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            self.over = True
            raise NotAsked(words(error)) from error
        try:
            os.set_blocking(writer, True)
            process = subprocess.Popen(
                self._asked.words, stdin=subprocess.DEVNULL, stdout=writer, stderr=writer,
                start_new_session=True, cwd="/", env=os.environ | dict(self._asked.about),
            )  # fmt: skip
        except OSError as error:
            os.close(reader)
            self.over = True
            if error.errno in OURS:
                raise NotAsked(words(error)) from error
            return self._failed(f"does not start: {words(error)}")
        finally:
            os.close(writer)
        self._process, self._pipe = process, reader
        self._pidfd = os.pidfd_open(process.pid)
        selector.register(self._pidfd, EVENT_READ, self)
        selector.register(self._pipe, EVENT_READ, self)
        return None

    def turn(self, selector: BaseSelector, fd: int) -> Result | None:
        if fd == self._pipe:
            if not self._listen():
                self._drop_pipe(selector)
            if self._told > MOST and self._process is not None:
                self._kill()
                self._told = 0
                return self._failed(f"said more than {MOST} bytes")
            return None
        return self._ended(selector) if fd == self._pidfd else None

    def expire(self, selector: BaseSelector) -> Result:
        """Its end is taken in when it comes: a process in the kernel's hands may need long."""
        self._drop_pipe(selector)
        self._kill()
        return self._failed(f"took longer than {self._seconds:g} s")

    def close(self, selector: BaseSelector) -> None:
        self.over = True
        self._drop_pipe(selector)
        self._kill()
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(1.0)
        self._drop_pidfd(selector)

    def _ended(self, selector: BaseSelector) -> Result:
        assert self._process is not None
        self._kill()  # it has ended; what it left behind would pile up, question by question
        code = self._process.wait()
        self._listen()
        self._drop_pipe(selector)
        self._drop_pidfd(selector)
        self.over = True
        last = " ".join(self._said.decode(errors="replace").split())[-SHOWN:]
        if code == 0:
            return Result(True, f"{self._asked.words[0]} exited 0")
        how = f"ended by signal {-code}" if code < 0 else f"exited {code}"
        return self._failed(f"{how}: {last}" if last else how)

    def _listen(self) -> bool:
        """False: nobody will say anything more."""
        if self._pipe < 0:
            return False
        with suppress(BlockingIOError):
            piece = os.read(self._pipe, PIECE)
            self._told += len(piece)
            self._said = (self._said + piece)[-4 * SHOWN :]
            return bool(piece)
        return True

    def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _drop_pipe(self, selector: BaseSelector) -> None:
        if self._pipe >= 0:
            with suppress(KeyError):
                selector.unregister(self._pipe)
            os.close(self._pipe)
            self._pipe = -1

    def _drop_pidfd(self, selector: BaseSelector) -> None:
        if self._pidfd >= 0:
            with suppress(KeyError):
                selector.unregister(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = -1

    def _failed(self, why: str) -> Result:
        return Result(False, f"{self._asked.words[0]}: {why}")
