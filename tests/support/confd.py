"""`confd` as people have it: a program of that name on PATH, which is one line of shell."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from support.eventually import eventually


class Confd:
    """`folder` holds the program, the confdir, its state and its log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.confdir = folder / "confd"
        self.log = folder / "confd.log"
        self.state = folder / "state"
        for name in ("conf.d", "templates"):
            (self.confdir / name).mkdir(parents=True, exist_ok=True)
        program = folder / "bin" / "confd"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m bootstrapper confd "$@"\n')
        program.chmod(0o755)
        self._process: subprocess.Popen[bytes] | None = None

    def template(self, name: str, text: str) -> None:
        (self.confdir / "templates" / name).write_text(text)

    def resource(self, name: str, text: str) -> None:
        file = self.confdir / "conf.d" / f"{name}.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def once(self, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self._command("-onetime", *words), env=self._environment(environ), text=True,
            capture_output=True, timeout=60, check=False,
        )  # fmt: skip

    def bootstrapper(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Our own command line, over the same state."""
        command = [sys.executable, "-m", "bootstrapper", *words, "--state", str(self.state)]
        return subprocess.run(command, text=True, capture_output=True, timeout=60, check=False)

    def start(self, *words: str) -> "Confd":
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(*words), env=self._environment({}), stdin=subprocess.DEVNULL,
                stdout=log, stderr=log,
            )  # fmt: skip
        return self

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self, within: float = 20) -> int:
        """What it exits with when it is told to end."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(within)

    def says(self, words: str) -> None:
        eventually(lambda: words in self.log.read_text(), within=20, what=f"confd says {words!r}")

    def _command(self, *words: str) -> list[str]:
        own = ("-confdir", str(self.confdir), "-state", str(self.state))
        return ["confd", *own, *words]

    def _environment(self, more: dict[str, str]) -> dict[str, str]:
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        return {**os.environ, "PATH": path, **more}
