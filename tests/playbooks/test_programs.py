"""Programs that do not end by themselves."""

import subprocess
import time
from pathlib import Path

import pytest

from bootstrapper.playbooks.programs import run_program
from support.eventually import eventually


def test_what_a_program_says() -> None:
    done = run_program(["sh", "-c", "cat; echo no >&2; exit 3"], 10, given=b"yes")

    assert (done.returncode, done.stdout, done.stderr) == (3, b"yes", b"no\n")


def test_what_it_started_ends_with_it_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(subprocess.TimeoutExpired):
        run_program(["sh", "-c", f"sleep 60 & echo $! > {tmp_path}/pid; wait"], 0.5)

    assert time.monotonic() - started < 10
    pid = (tmp_path / "pid").read_text().strip()
    eventually(lambda: _has_ended(pid), within=5, what="its child has ended")


def _has_ended(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
