"""Redis as it is read by the backend of that name, and as the store of our own settings."""

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import redis

from bootstrapper.kv.open import open_store
from bootstrapper.settings import load
from bootstrapper.templates.confd.config import Source
from support.eventually import eventually
from support.services import free_port, need
from templates.backends.world import World


class RedisWorld(World):
    name = "redis"

    def __init__(self, folder: Path, *flags: str) -> None:
        super().__init__(folder)
        need("redis-server")
        self.port = free_port()
        self.socket = folder / "redis.sock"
        self._flags = flags or ("--notify-keyspace-events", "KA")
        self._process: subprocess.Popen[bytes] | None = None

    def source(self) -> Source:
        return Source(backend="redis", nodes=(f"127.0.0.1:{self.port}/3",))

    def client(self) -> Any:
        return redis.Redis(port=self.port, db=3)

    def start(self) -> None:
        self._process = subprocess.Popen(
            (
                "redis-server", "--port", str(self.port), "--bind", "127.0.0.1",
                "--dir", str(self.folder), "--unixsocket", str(self.socket),
                "--appendonly", "yes", "--appendfsync", "always", *self._flags,
            ),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        eventually(self._serves, within=10, what="redis serves")

    def _serves(self) -> bool:
        try:
            return bool(self.client().ping())
        except redis.AuthenticationError:
            return True
        except redis.RedisError:
            return False

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def put(self, key: str, value: str) -> None:
        self.client().set(key, value)

    def delete(self, key: str) -> None:
        self.client().delete(key)


class StoreWorld(RedisWorld):
    """Our own key-value store, in Redis; the settings are found in the environment."""

    name = "store"

    def source(self) -> Source:
        return Source(backend="store")

    def start(self) -> None:
        super().start()
        os.environ["BOOTSTRAPPER_KV_URL"] = f"redis://127.0.0.1:{self.port}/3"
        os.environ["XDG_CONFIG_HOME"] = str(self.folder)

    def put(self, key: str, value: str) -> None:
        open_store(load()).put(key, value)

    def delete(self, key: str) -> None:
        open_store(load()).delete(key)
