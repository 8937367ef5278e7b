"""Open an operator's file that might be a pipe or a device: to wait for those may never end."""

import errno
import os
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO


def open_plain(path: Path | str) -> BinaryIO:
    """To read it. OSError where it is not there, or is no plain file."""
    file = open(path, "rb", opener=_without_waiting)  # noqa: SIM115 (the caller closes it)
    if not S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is no plain file, but a pipe or a device")
    return file


def read_plain(path: Path | str) -> bytes:
    with open_plain(path) as file:
        return file.read()


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)
