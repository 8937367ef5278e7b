"""A command that is registered while it lives: its signals handed on, its exit code ours.

One thread waits for whatever comes first, the end of the command or a signal. SIGTERM drains the
service, waits, ends the command with SIGTERM, and with SIGKILL when its grace is over.
"""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import Enum, auto

from bootstrapper.errors import Mistake
from bootstrapper.fleet.sources.registration import Registration

HANDED_ON = (signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
ENDING = (signal.SIGTERM, signal.SIGINT)
OF_TERMINAL = (signal.SIGINT, signal.SIGQUIT)
DRAINED = 1.0  # seconds in which draining should stand in the store
STEP = 60.0  # seconds to wait for nothing in particular
BY_SIGNAL = 128


class Phase(Enum):
    RUNS = auto()
    DRAINS = auto()
    ENDS = auto()
    KILLED = auto()


class Signals:
    """Those that came, one at a time and in no handler: `fd` is ready when there are some."""

    def __init__(self) -> None:
        self.fd, self._writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        for number in (*HANDED_ON, *ENDING):
            signal.signal(number, lambda *_: None)

    def take(self) -> list[int]:
        with suppress(BlockingIOError):
            return list(os.read(self.fd, 256))
        return []


def start(
    words: Sequence[str], *, terminal: bool, before: Callable[[], object]
) -> "subprocess.Popen[bytes]":
    """In a process group of its own, but for a terminal, whose keys reach one group alone.

    `before` is called in the child. Raises Mistake when there is no such program.
    """
    try:
        return subprocess.Popen(
            tuple(words), process_group=None if terminal else 0,
            preexec_fn=before,  # noqa: PLW1509 (no thread has been started yet)
        )  # fmt: skip
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise Mistake(f"{words[0]} does not start: {why}", field="command") from error


class Run:
    """`drain` and `grace` are seconds."""

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        registration: Registration,
        signals: Signals,
        *,
        terminal: bool,
        drain: float,
        grace: float,
    ) -> None:
        self._process = process
        self._registration = registration
        self._signals = signals
        self._terminal = terminal
        self._drain = drain
        self._grace = grace
        self._phase = Phase.RUNS
        self._deadline = float("inf")
        self._with = signal.SIGTERM

    def wait(self) -> int:
        """Until the command has ended and is registered no longer: its exit code."""
        pidfd = os.pidfd_open(self._process.pid)
        poll = select.poll()
        poll.register(pidfd, select.POLLIN)
        poll.register(self._signals.fd, select.POLLIN)
        try:
            while True:
                left = max(0.0, min(STEP, self._deadline - time.monotonic()))
                if pidfd in (fd for fd, _ in poll.poll(left * 1000 + 1)):
                    self._registration.withdraw()
                    code = self._process.wait()
                    return code if code >= 0 else BY_SIGNAL - code
                for number in self._signals.take():
                    self._on_signal(signal.Signals(number))
                if time.monotonic() >= self._deadline:
                    self._next_phase()
        finally:
            os.close(pidfd)

    def _on_signal(self, number: signal.Signals) -> None:
        if self._terminal and number in OF_TERMINAL:
            return  # it has reached the command by itself
        if number in HANDED_ON:
            self._send(number)
        elif number in ENDING:
            self._with = number
            if self._phase in (Phase.RUNS, Phase.DRAINS):  # the second one does not wait
                self._next_phase()

    def _next_phase(self) -> None:
        now = time.monotonic()
        match self._phase:
            case Phase.RUNS:
                self._registration.drain(DRAINED)
                self._phase, self._deadline = Phase.DRAINS, now + self._drain
            case Phase.DRAINS:
                self._send(self._with)
                self._phase, self._deadline = Phase.ENDS, now + self._grace
            case Phase.ENDS | Phase.KILLED:
                self._kill()
                self._phase, self._deadline = Phase.KILLED, float("inf")

    def _send(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            self._process.send_signal(number)

    def _kill(self) -> None:
        """With all of its group, where that is its own."""
        with suppress(ProcessLookupError, PermissionError):
            if not self._terminal:
                os.killpg(self._process.pid, signal.SIGKILL)
        self._send(signal.SIGKILL)
