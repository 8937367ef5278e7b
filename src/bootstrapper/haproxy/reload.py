"""A hitless reload, and what operators said at run time carried over it.

The master of a master-worker HAProxy takes USR2; without a master a new process takes over the
listeners of the old one. `save_states` and `restore_states` may also stand around a reload that
somebody else does.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from bootstrapper.errors import Refused, Unavailable
from bootstrapper.haproxy.commands import Step, set_mode, weigh
from bootstrapper.haproxy.config import parse
from bootstrapper.haproxy.socket import Socket
from bootstrapper.haproxy.state import Kept, said_by_operator, wanted

LOOK = 0.02  # seconds
AGAIN = 3.0  # seconds; a master that executes itself anew just then loses the signal


class Master(Struct, frozen=True):
    """The pid of the master process."""

    pid: int


class Restart(Struct, frozen=True):
    """The command of a daemon without a master; `-sf PID -x SOCKET` is added to it."""

    command: tuple[str, ...]


def find_master(worker: int) -> Master | None:
    """The parent of this worker, when that is HAProxy's, too."""
    try:
        status = Path(f"/proc/{worker}/status").read_text()
        parent = int(status.partition("PPid:")[2].split()[0])
        same = Path(f"/proc/{parent}/comm").read_text() == Path(f"/proc/{worker}/comm").read_text()
    except (OSError, ValueError, IndexError):
        return None
    return Master(parent) if same else None


def save_states(socket: Socket, old_text: str) -> tuple[Kept, ...]:
    """What operators said; and, where the file names a server-state-file, all of it there."""
    text = socket.ask("show servers state")
    rows = socket.states()
    asked = wanted(old_text)
    if file := state_file(old_text):
        kept = _without_strays(text, {f"{b} {n}" for b in asked for n in asked[b]})
        try:
            file.write_text(kept)
        except (OSError, ValueError) as error:
            raise Refused(f"{file} cannot be written: {error}") from error
    return said_by_operator(asked, rows)


def _without_strays(text: str, known: set[str]) -> str:
    """Servers that were leaving must not be in maintenance should they come back."""
    lines = text.strip().split("\n")
    kept = [x for x in lines[2:] if " ".join(x.split(" ")[1:4:2]) in known]
    return "\n".join((*lines[:2], *kept)) + "\n"


def state_file(text: str) -> Path | None:
    """The global server-state-file, when a section loads its states from there."""
    sections = parse(text)
    lines = [line.words for section in sections for line in section.lines]
    if ("load-server-state-from-file", "global") not in lines:
        return None
    named = {words[0]: words[1] for words in lines if len(words) > 1}
    name = named.get("server-state-file", "")
    return Path(named.get("server-state-base", "")) / name if name else None


def restore_states(socket: Socket, kept: Iterable[Kept], new_text: str) -> tuple[Kept, ...]:
    """Say it again, of the servers that are still there; the answer is what was said."""
    asked = wanted(new_text)
    said = tuple(x for x in kept if x.name in asked.get(x.backend, {}))
    for each in said:
        name = f"{each.backend}/{each.name}"
        steps: list[Step] = []
        if each.weight is not None:
            steps.append(weigh(name, each.weight))
        if each.mode is not None:
            steps.append(set_mode(name, each.mode))
        socket.say(*steps)
    return said


def reload(
    socket: Socket, how: Master | Restart, old_text: str, new_text: str, *, within: float = 10.0
) -> tuple[Kept, ...]:
    """Refused when no new worker came in `within` seconds: the old one serves on then."""
    before = socket.info().pid
    kept = save_states(socket, old_text)
    match how:
        case Master(pid):
            _signal(pid)
        case Restart(command):
            _start((*command, "-sf", str(before), "-x", socket.path), within)
    wait_for_worker(socket, before, how, within)
    return restore_states(socket, kept, new_text)


def wait_for_worker(socket: Socket, before: int, how: Master | Restart, within: float) -> None:
    deadline = time.monotonic() + within
    again = time.monotonic() + AGAIN
    while not _is_new(socket, before):
        now = time.monotonic()
        if now > deadline:
            raise Refused(f"HAProxy did not take the new file within {within:g} s")
        if isinstance(how, Master) and now > again:
            _signal(how.pid)
            again = now + AGAIN
        time.sleep(LOOK)


def _is_new(socket: Socket, before: int) -> bool:
    try:
        return socket.info().pid != before
    except Unavailable:
        return False


def _signal(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGUSR2)
    except OSError as error:
        raise Unavailable(f"HAProxy's master {pid} takes no signal: {error}") from error


def _start(command: Sequence[str], within: float) -> None:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, timeout=within, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{command[0]} does not start: {error}") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise Refused(f"{command[0]} ended with {done.returncode}: {said[-300:]}")
