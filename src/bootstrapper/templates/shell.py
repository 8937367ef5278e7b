"""The operator's own check and reload commands: lines for a shell, as confd runs them.

The only place where a shell is used. Nothing of a key's value is in a line: only the two paths
that `{{.src}}` and `{{.dest}}` stand for, quoted.
"""

import os
import re
import shlex
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import BinaryIO, cast

from bootstrapper.errors import Refused

TOLD = 2000  # characters of a failed command's output
_PLACE = re.compile(r"\{\{-?\s*\.(src|dest)\s*-?\}\}")


def fill(command: str, src: Path, dest: Path) -> str:
    """`{{.src}}` is the staged file (for a reload: the file itself), `{{.dest}}` the file."""
    paths = {"src": src, "dest": dest}
    return _PLACE.sub(lambda found: shlex.quote(str(paths[found[1]])), command)


def run(what: str, command: str, timeout: float) -> None:
    """Raises Refused with the command's last words when it fails or takes too long.

    Its output goes to a file, not a pipe: a daemon that it starts may keep it open.
    """
    with _output() as output:
        try:
            process = subprocess.Popen(
                ["/bin/sh", "-c", command], stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise Refused(f"{what} does not start: {error.strerror}") from error
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise Refused(f"{what} took longer than {timeout:g} s: {command}") from None
        if code:
            raise Refused(f"{what} {_ending(code)}{_last_words(output)}")


def _output() -> BinaryIO:
    """On a full disk the command runs all the same; its words are lost then."""
    try:
        return cast(BinaryIO, tempfile.TemporaryFile())
    except OSError:
        return open(os.devnull, "w+b")


def _ending(code: int) -> str:
    return f"ended by signal {-code}" if code < 0 else f"exited {code}"


def _last_words(output: BinaryIO) -> str:
    size = output.seek(0, os.SEEK_END)
    output.seek(max(0, size - TOLD))
    words = output.read().decode(errors="replace").strip()
    return f": {words}" if words else ""
