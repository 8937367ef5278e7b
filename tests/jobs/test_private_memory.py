"""What a process knows is not for others of the same user."""

import ctypes
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bootstrapper.jobs.process_tree import keep_memory_private

NOBODY = 65534
DUMPABLE = 4
libc = ctypes.CDLL(None)


def as_nobody(step: Callable[[], int]) -> int:
    """Its answer, from a fork that is nobody's and, as any program at its start, can be read."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    libc.prctl(DUMPABLE, 1)
    os._exit(step())


def reads_its_parent(*, private: bool) -> int:
    """0 when a child of the same user can read its parent's environment."""
    if private:
        keep_memory_private()
    parent, pid = os.getpid(), os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    libc.prctl(DUMPABLE, 1)
    try:
        with Path(f"/proc/{parent}/environ").open("rb") as file:
            file.read()
    except PermissionError:
        os._exit(1)
    os._exit(0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
@pytest.mark.parametrize("private", [False, True])
def test_no_other_process_of_the_user_reads_it(private: bool) -> None:
    assert as_nobody(lambda: reads_its_parent(private=private)) == int(private)
