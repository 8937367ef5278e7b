"""One private redis-server in a folder, started as the product starts it."""

import os
import signal
import subprocess
import threading
from pathlib import Path

import redis

from bootstrapper.jobs import redis_server
from support.services import need


class RedisServer:
    """Start it before any thread: it is told to end with the thread that started it."""

    def __init__(self, folder: Path) -> None:
        need("redis-server")
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "RedisServer":
        self._process = redis_server.start(self.folder)
        return self

    def kill(self) -> None:
        """As a power cut would: no last words, no last write."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def freeze(self, seconds: float) -> None:
        """It stands still from now on, and goes on after this time by itself."""
        assert self._process is not None
        pid = self._process.pid
        os.kill(pid, signal.SIGSTOP)
        threading.Timer(seconds, os.kill, (pid, signal.SIGCONT)).start()

    def restart(self) -> None:
        """Bring it back with what was on disk."""
        self.start()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            redis_server.stop(self._process)

    def client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=5.0)
