"""A real ZooKeeper, alone, on a free loopback port, ended by its process."""

import subprocess
from pathlib import Path
from typing import Any

from kazoo.client import KazooClient

from support.eventually import eventually
from support.services import free_port, need

JAR = Path("/usr/share/java/zookeeper.jar")
START_SECONDS = 30.0


class ZooKeeperServer:
    def __init__(self, folder: Path) -> None:
        need("java")
        if not JAR.exists():
            need(str(JAR))
        self.folder = folder
        self.address = f"127.0.0.1:{free_port()}"
        self._process: subprocess.Popen[bytes] | None = None
        self._client: Any = None

    def start(self) -> "ZooKeeperServer":
        port = self.address.rpartition(":")[2]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                (
                    "java", "-Xmx128m", "-cp", str(JAR), "-Dzookeeper.admin.enableServer=false",
                    "-Dzookeeper.4lw.commands.whitelist=ruok",
                    "org.apache.zookeeper.server.ZooKeeperServerMain", port,
                    str(self.folder / "data"), "500",
                ),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        eventually(self._serves, within=START_SECONDS, what=f"ZooKeeper: {self.folder}/log")
        return self

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        if self._client is not None:
            self._client.stop()
            self._client.close()
        self.kill()

    def put(self, key: str, value: str) -> None:
        client = self._connected()
        client.ensure_path(key)
        client.set(key, value.encode())

    def delete(self, key: str) -> None:
        self._connected().delete(key, recursive=True)

    def _connected(self) -> Any:
        if self._client is None:
            self._client = KazooClient(
                hosts=self.address, connection_retry={"max_tries": -1, "max_delay": 0.5}
            )
            self._client.start(timeout=START_SECONDS)
        return self._client

    def _serves(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "log").read_text()[-2000:]
        client = KazooClient(hosts=self.address, timeout=2.0)
        try:
            client.start(timeout=0.5)
        except client.handler.timeout_exception:
            return False
        finally:
            client.stop()
            client.close()
        return True
