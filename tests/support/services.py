"""What a test needs of this machine: programs, ports, and folders with short paths."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def need(*programs: str) -> None:
    """Where one is missing: skip on a laptop, fail in CI, where nobody would notice a skip."""
    for program in programs:
        if shutil.which(program) is None:
            missing = pytest.fail if os.environ.get("CI") else pytest.skip
            missing(f"{program} is not installed")


def free_port(address: str = "127.0.0.1") -> int:
    with socket.socket() as link:
        link.bind((address, 0))
        port: int = link.getsockname()[1]
        return port


@contextmanager
def short_folder(name: str) -> Iterator[Path]:
    """Not pytest's own: the path of a Unix socket has room for about 100 letters."""
    with tempfile.TemporaryDirectory(prefix=f"{name}-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
