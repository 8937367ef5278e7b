"""What a test needs of this machine: programs, ports, and folders with short paths."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import SystemRandom

import pytest


def need(*programs: str) -> None:
    """Where one is missing: skip on a laptop, fail in CI, where nobody would notice a skip."""
    for program in programs:
        if shutil.which(program) is None:
            missing = pytest.fail if os.environ.get("CI") else pytest.skip
            missing(f"{program} is not installed")


def free_port(address: str = "127.0.0.1") -> int:
    """None of those that the kernel gives to whoever connects: it stays free until it is used."""
    while True:
        port = SystemRandom().randrange(15_000, 32_000)  # a seed would give two runs the same
        with socket.socket() as link, suppress(OSError):
            link.bind((address, port))
            return port


@contextmanager
def short_folder(name: str) -> Iterator[Path]:
    """Not pytest's own: the path of a Unix socket has room for about 100 letters."""
    with tempfile.TemporaryDirectory(prefix=f"{name}-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
