"""Processes by label, each with a log of its own; ended by their pids, and with the tests."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from bootstrapper.jobs.process_tree import die_with_parent

ENDS = 15.0  # seconds after SIGTERM


class Running:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(
        self,
        label: str,
        command: Sequence[str],
        environ: Mapping[str, str] | None = None,
        dies_by: signal.Signals = signal.SIGKILL,
    ) -> int:
        """Its pid. One of that label that runs already is a mistake of the test.

        `dies_by`: what it gets if the tests themselves are killed.
        """
        assert not self.alive(label), f"{label} runs already"
        with self.log(label).open("ab") as log:
            self._processes[label] = subprocess.Popen(
                command, env={**os.environ, **(environ or {})}, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
                preexec_fn=lambda: die_with_parent(dies_by),  # noqa: PLW1509
            )  # fmt: skip
        return self._processes[label].pid

    def log(self, label: str) -> Path:
        return self.folder / f"{label}.log"

    def alive(self, label: str) -> bool:
        return label in self._processes and self._processes[label].poll() is None

    def pid(self, label: str) -> int:
        return self._processes[label].pid

    def kill(self, label: str) -> None:
        process = self._processes.pop(label)
        process.kill()
        process.wait()

    def stop(self, label: str) -> int:
        """SIGTERM, as systemd would; what it exits with."""
        process = self._processes.pop(label)
        process.terminate()
        return process.wait(ENDS)

    def freeze(self, label: str) -> None:
        os.kill(self.pid(label), signal.SIGSTOP)

    def thaw(self, label: str) -> None:
        os.kill(self.pid(label), signal.SIGCONT)

    def close(self) -> None:
        for process in self._processes.values():
            if process.poll() is None:
                process.kill()
        for process in self._processes.values():
            process.wait()
        self._processes.clear()
