"""The embedded default: one private Redis on a Unix socket, which fsyncs what it acknowledges."""

import logging
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from bootstrapper.errors import Mistake, Refused, Unavailable
from bootstrapper.jobs.process_tree import die_with_parent

logger = logging.getLogger(__name__)

START_SECONDS = 30.0
STOP_SECONDS = 10.0
NO_ROOM = 1_000_000  # bytes


def command(folder: Path) -> tuple[str, ...]:
    """No port; every write is on disk before it is acknowledged; nothing is ever evicted."""
    program = shutil.which("redis-server")
    if program is None:
        raise Refused("redis-server is not installed: apt-get install redis-server")
    return (
        program, "--port", "0", "--unixsocket", str(folder / "redis.sock"),
        "--unixsocketperm", "700", "--dir", str(folder), "--appendonly", "yes",
        "--appendfsync", "always", "--no-appendfsync-on-rewrite", "no", "--save", "",
        "--aof-load-truncated", "yes", "--maxmemory-policy", "noeviction",
        "--daemonize", "no", "--logfile", str(folder / "redis.log"),
    )  # fmt: skip


def start(folder: Path) -> "subprocess.Popen[bytes] | None":
    """Start it and wait until it answers; None when one answers already on this socket.

    To be called before any thread is started: the child is told to end with this process.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if len(str(folder / "redis.sock")) > 100:  # noqa: PLR2004 (sun_path holds 107 bytes)
        raise Mistake(f"{folder} is too long a path for a Unix socket", field="state")
    process: subprocess.Popen[bytes] | None = None
    deadline = time.monotonic() + START_SECONDS
    while not _answers(folder):
        if process is None and not listens(folder):
            process = _spawn(folder)
        elif process is not None and process.poll() is not None:
            raise Refused(f"redis-server ended at once: {_why(folder)}")
        if time.monotonic() > deadline:
            if process is not None:
                process.terminate()
            raise Unavailable(f"redis-server does not answer: see {folder / 'redis.log'}")
        time.sleep(0.02)
    return process


def _why(folder: Path) -> str:
    """Its log cannot say that the disk is full where it is on that disk."""
    if shutil.disk_usage(folder).free < NO_ROOM:
        return f"no room is left in {folder}"
    return f"see {folder / 'redis.log'}"


def listens(folder: Path) -> bool:
    """Whether there is one, though it may be loading, or busy, or about to end: a second one on
    the same files would be the end of them."""
    with socket.socket(socket.AF_UNIX) as link:
        try:
            link.connect(str(folder / "redis.sock"))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except BlockingIOError:  # it has more callers than it can take
            return True
    return True


def _spawn(folder: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command(folder), stdin=subprocess.DEVNULL, start_new_session=True,
        preexec_fn=lambda: die_with_parent(signal.SIGTERM),  # noqa: PLW1509
    )  # fmt: skip


def stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        logger.warning("redis-server does not end: killed")
        os.kill(process.pid, signal.SIGKILL)
        process.wait()


def _answers(folder: Path) -> bool:
    """PING by hand: redis-py takes longer to import than everything else that `up` needs."""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(1.0)
        try:
            link.connect(str(folder / "redis.sock"))
            link.sendall(b"PING\r\n")
            return link.recv(64).startswith(b"+PONG")
        except OSError:
            return False
