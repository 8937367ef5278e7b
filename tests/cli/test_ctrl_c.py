"""Ctrl-C while a job is followed: a question on a terminal; elsewhere the job goes on alone."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from cli.scripted_api import JOB, JOB_ID, Api

WITHIN = 20.0  # seconds


class Terminal:
    """A process on a terminal of its own."""

    def __init__(self, *command: str) -> None:
        self.pid, self._end = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm"
            os.execv(command[0], command)
        self._seen = ""

    def until(self, text: str) -> str:
        deadline = time.monotonic() + WITHIN
        while text not in self._seen:
            ready, _, _ = select.select([self._end], [], [], deadline - time.monotonic())
            assert ready, f"{text!r} did not come; what came: {self._seen!r}"
            self._seen += os.read(self._end, 65536).decode(errors="replace")
        return self._seen

    def type(self, keys: str) -> None:
        os.write(self._end, keys.encode())

    def exit_code(self) -> int:
        deadline = time.monotonic() + WITHIN
        while time.monotonic() < deadline:
            if select.select([self._end], [], [], 0.1)[0]:
                try:
                    os.read(self._end, 65536)
                except OSError:  # Linux's way to say that the other end is closed
                    break
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.fixture
def terminal(api: Api) -> Iterator[Terminal]:
    api.launches({"type": "said", "text": "hello"}, state="canceled")
    api.answers[f"POST /jobs/{JOB_ID}/cancel"] = 200, JOB
    api.hold.clear()
    terminal = Terminal(sys.executable, "-m", "bootstrapper", "--url", api.url, "sync")
    terminal.until("hello")
    yield terminal
    api.hold.set()


def test_detach(terminal: Terminal) -> None:
    terminal.type("\x03")
    terminal.until("[d]etach")
    terminal.type("d\n")
    terminal.until(f"bootstrapper logs -f {JOB_ID}")

    assert terminal.exit_code() == 130


def test_a_second_one_detaches(terminal: Terminal) -> None:
    terminal.type("\x03")
    terminal.until("[d]etach")
    terminal.type("\x03")
    terminal.until(f"bootstrapper logs -f {JOB_ID}")

    assert terminal.exit_code() == 130


def test_cancel(terminal: Terminal, api: Api) -> None:
    terminal.type("\x03")
    terminal.until("[c]ancel")
    terminal.type("c\n")
    api.hold.set()

    assert "hello" in terminal.until("canceled")
    assert terminal.exit_code() == 1
    assert any(heard.path.endswith("/cancel") for heard in api.heard)


def test_go_on_resumes_by_number(terminal: Terminal, api: Api) -> None:
    terminal.type("\x03")
    terminal.until("[g]o on")
    terminal.type("g\n")
    api.hold.set()

    assert terminal.until("canceled").count("hello") == 1
    assert terminal.exit_code() == 1
    assert api.streams() == ["0", "1"]


def test_without_a_terminal_it_detaches_and_says_so(api: Api) -> None:
    api.launches({"type": "said", "text": "hello"})
    api.hold.clear()
    command = [sys.executable, "-m", "bootstrapper", "--url", api.url, "sync"]

    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"hello\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=WITHIN)

    assert f"detached, the job goes on: bootstrapper logs -f {JOB_ID}" in err.decode()
    assert process.returncode == 130
