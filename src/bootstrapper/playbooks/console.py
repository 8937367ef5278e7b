"""What Ansible and its plugins print, read line by line: a run's own terminal."""

import os
import sys
import threading
from collections.abc import Callable

from bootstrapper.events import Said
from bootstrapper.ids import new_id


def read_console(emit: Callable[[Said], None]) -> Callable[[], None]:
    """What Ansible and its plugins print becomes journal lines; answers how to end that.

    The end is a line of our own: a process that outlives the play may hold the pipe open.
    """
    reading, writing = os.pipe()
    for stream in (1, 2):
        os.dup2(writing, stream)
    last = f"end of {new_id()}"

    def read() -> None:
        with os.fdopen(reading, errors="replace") as lines:
            for line in lines:
                if line.rstrip("\n") == last:
                    return
                said = said_by(line)
                if said:
                    emit(said)

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


def said_by(text: str) -> Said | None:
    """A line that Ansible wrote to its terminal, as an event; None for an empty one."""
    line = text.strip()
    if not line:
        return None
    level = "warning" if line.startswith(("[WARNING]", "[DEPRECATION")) else "info"
    if line.startswith("[ERROR]"):
        level = "error"
    return Said(text=line, level=level)  # type: ignore[arg-type]
