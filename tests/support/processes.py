"""What runs on this machine, read from /proc by the tests themselves, not by the code they test."""

import os
from pathlib import Path


def below(pid: int) -> set[int]:
    """The children of a process, their children and so on."""
    parents = {each: _parent(each) for each in _pids()}
    found: set[int] = set()
    while new := {each for each, parent in parents.items() if parent in found | {pid}} - found:
        found |= new
    return found


def children(pid: int) -> set[int]:
    return {each for each in _pids() if _parent(each) == pid}


def marked(mark: str) -> set[int]:
    """The processes that were executed with this text in their environment."""
    return {pid for pid in _pids() if mark.encode() in _read(pid, "environ")}


def commands_with(text: str) -> set[int]:
    """Those whose command line has this text in it."""
    return {pid for pid in _pids() if text.encode() in _read(pid, "cmdline")}


def commands(pids: set[int]) -> list[str]:
    return sorted(_read(pid, "cmdline").replace(b"\0", b" ").decode() for pid in pids)


def alive(pid: int) -> bool:
    return _state(pid) not in ("", "Z")


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _state(pid: int) -> str:
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    return fields[0].decode() if fields else ""


def _parent(pid: int) -> int:
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    return int(fields[1]) if fields and fields[0] != b"Z" else 0


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""
