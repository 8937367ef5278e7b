"""What Ansible and its plugins print, read line by line: a run's own terminal."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TextIO

from bootstrapper.events import Said
from bootstrapper.ids import new_id

LINE = 16_384  # characters kept of one line
ALL = 4_194_304  # characters kept of one run; results are counted elsewhere


def read_console(emit: Callable[[Said], None], scrub: Callable[[str], str]) -> Callable[[], None]:
    """What Ansible and its plugins print becomes journal lines; answers how to end that.

    The end is a line of our own: a process that outlives the play may hold the pipe open.
    """
    reading, writing = os.pipe()
    for stream in (1, 2):
        os.dup2(writing, stream)
    last = f"end of {new_id()}"

    def read() -> None:
        left = ALL
        with os.fdopen(reading, errors="replace") as file:
            for line in _lines(file):
                if line.rstrip("\n") == last:
                    return
                if left <= 0:
                    continue  # read on, or who prints would wait for us
                left -= len(line)
                said = said_by(scrub(line)[:LINE])
                if said:
                    emit(said)
                if left <= 0:
                    emit(Said(text="what else is printed is not kept", level="warning"))

    thread = threading.Thread(target=read, name="console", daemon=True)
    thread.start()

    def end() -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        os.write(writing, f"\n{last}\n".encode())
        thread.join(timeout=5.0)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2, writing):
            os.dup2(nowhere, stream)

    return end


def _lines(file: TextIO) -> Iterator[str]:
    """One without an end is not read whole; the overlap is for a secret at the edge."""
    while line := file.readline(2 * LINE):
        rest = line
        while rest and not rest.endswith("\n"):
            rest = file.readline(2 * LINE)
        yield line


def said_by(text: str) -> Said | None:
    """A line that Ansible wrote to its terminal, as an event; None for an empty one."""
    line = text.strip()
    if not line:
        return None
    level = "warning" if line.startswith(("[WARNING]", "[DEPRECATION")) else "info"
    if line.startswith("[ERROR]"):
        level = "error"
    return Said(text=line, level=level)  # type: ignore[arg-type]
