"""Other programs, for so long and no longer: what they started ends with them.

A child alone is not enough: an inventory script or git's ssh that outlives it holds its pipes
open, and whoever reads those would wait for ever.
"""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path


def run_program(
    command: Sequence[str],
    seconds: float,
    *,
    given: bytes = b"",
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> "subprocess.CompletedProcess[bytes]":
    """`given` is its standard input. Raises subprocess.TimeoutExpired when the time is over."""
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        cwd=folder, env=environment, start_new_session=True,
    ) as child:  # fmt: skip
        try:
            out, err = child.communicate(given, timeout=seconds)
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(command, child.returncode, out, err)
