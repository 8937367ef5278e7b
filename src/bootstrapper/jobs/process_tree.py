"""The processes of a run: its forks, found by parentage, and its ssh, found by a mark.

Ansible's forks leave their parent's session, and ssh may outlive them; both must end with a job
that is canceled or lost. A daemon that a play started on this machine is no part of the run.
"""

import ctypes
import os
import select
import signal
from contextlib import suppress
from pathlib import Path

MARK = "BOOTSTRAPPER_RUN"
"""In the environment of all that a run executes: `<slot>/<number>`."""

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36
_SSH = frozenset({b"ssh", b"scp", b"sftp", b"sshpass"})
_IDLE = b"ssh: "  # how a shared connection's process calls itself, with the path of its socket
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(number: int = signal.SIGKILL) -> None:
    """This process gets the signal when the one that forked it ends, however it ends."""
    _libc.prctl(_PR_SET_PDEATHSIG, number)


def keep_memory_private() -> None:
    """Other processes of the same user may not look into this one's memory or environment."""
    _libc.prctl(_PR_SET_DUMPABLE, 0)


def adopt_orphans() -> None:
    """What our children leave behind becomes ours, not init's: it stays in `descendants`."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)


def kill_tree(pid: int) -> None:
    """SIGKILL for the process group that `pid` leads, and for all that left it."""
    left = {each: _birth(each) for each in descendants(pid)}
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    for each, birth in left.items():
        if birth and _birth(each) == birth:
            _kill(each, signal.SIGKILL)


def wait_for_end(pidfd: int, seconds: float) -> bool:
    """Whether the process ended within this time."""
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def end_run(pid: int, pidfd: int, run: str, sockets: Path, *, patience: float) -> None:
    """SIGTERM, which Ansible hands on to its forks; after `patience` seconds SIGKILL for all."""
    tree = {each: _birth(each) for each in descendants(pid)}
    _kill(pid, signal.SIGTERM)
    if not wait_for_end(pidfd, patience):
        tree |= {each: _birth(each) for each in descendants(pid)}
        _kill(pid, signal.SIGKILL)
        wait_for_end(pidfd, 5.0)
    for each, birth in tree.items():
        if birth and _birth(each) == birth:  # else the number is somebody else's by now
            _kill(each, signal.SIGKILL)
    end_ssh(run, sockets)


def end_ssh(run: str, sockets: Path | None = None) -> None:
    """`run` may be a slot's name, for all of its runs. `sockets`: of its shared connections,
    whose processes write over their environment and cannot be found by their mark.
    """
    for pid in _pids():
        if _read(pid, "comm").strip() not in _SSH:
            continue
        shared = sockets is not None and _read(pid, "cmdline").startswith(
            _IDLE + bytes(sockets) + b"/"
        )
        if shared or _is_marked(pid, run):
            _kill(pid, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """Children, their children and so on. Processes may end while we look."""
    children: dict[int, list[int]] = {}
    for each in _pids():
        children.setdefault(_parent(each), []).append(each)
    found: list[int] = []
    waiting = [pid]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def _is_marked(pid: int, run: str) -> bool:
    mark = f"{MARK}={run}".encode()
    lines = _read(pid, "environ").split(b"\0")
    return any(line == mark or line.startswith(mark + b"/") for line in lines)


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _stat(pid: int) -> list[bytes]:
    """The fields after the name, which may hold spaces: proc(5) counts them from 3."""
    return _read(pid, "stat").rpartition(b")")[2].split()


def _parent(pid: int) -> int:
    stat = _stat(pid)
    return int(stat[1]) if stat else 0


def _birth(pid: int) -> bytes:
    stat = _stat(pid)
    return stat[19] if stat else b""


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:  # it ended, or is not ours to see
        return b""


def _kill(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
