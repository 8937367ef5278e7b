"""All the worlds: a backend each, with its server."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import urllib3

from bootstrapper.templates.confd.config import Login, Source
from support.consul import ConsulServer
from support.etcd import Etcd
from support.vault import VaultServer
from support.zookeeper import ZooKeeperServer
from templates.backends.aws_worlds import DynamoWorld, SecretsWorld, SsmWorld
from templates.backends.redis_worlds import RedisWorld, StoreWorld
from templates.backends.world import World


class EtcdWorld(World):
    name = "etcd"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.server = Etcd(folder, v2=True)

    def source(self) -> Source:
        return Source(backend="etcd", nodes=(self.server.address,))

    def start(self) -> None:
        self.server.start()

    def kill(self) -> None:
        self.server.kill()

    def put(self, key: str, value: str) -> None:
        url = f"{self.server.url}/v2/keys{key}"
        http = urllib3.PoolManager()
        reply = http.request_encode_body("PUT", url, {"value": value}, encode_multipart=False)
        assert reply.status < 400, reply.data

    def delete(self, key: str) -> None:
        urllib3.request("DELETE", f"{self.server.url}/v2/keys{key}?recursive=true")


class EtcdV3World(EtcdWorld):
    name = "etcdv3"

    def source(self) -> Source:
        return Source(backend="etcdv3", nodes=(self.server.address,))

    def put(self, key: str, value: str) -> None:
        self.server.call("/v3/kv/put", {"key": _b64(key), "value": _b64(value)})

    def delete(self, key: str) -> None:
        self.server.call("/v3/kv/deleterange", {"key": _b64(key)})


class FileWorld(World):
    """It dies when the folder is moved away."""

    name = "file"
    by_text = True

    def source(self) -> Source:
        return Source(backend="file", files=(str(self.folder / "values"),))

    def start(self) -> None:
        (self.folder / "values").mkdir()

    def kill(self) -> None:
        if (self.folder / "values").exists():
            (self.folder / "values").rename(self.folder / "away")

    def back(self) -> None:
        (self.folder / "away").rename(self.folder / "values")

    def put(self, key: str, value: str) -> None:
        tree: Any = value
        for name in reversed(key.strip("/").split("/")):
            tree = {name: tree}
        new = self.folder / "new"
        new.write_text(json.dumps(tree))
        new.rename(self._file(key))

    def delete(self, key: str) -> None:
        self._file(key).unlink()

    def _file(self, key: str) -> Path:
        return self.folder / "values" / (key.replace("/", "_") + ".yaml")


class EnvWorld(World):
    name = "env"
    by_text = True
    can_die = False

    def source(self) -> Source:
        return Source(backend="env")

    def put(self, key: str, value: str) -> None:
        os.environ[key.strip("/").replace("/", "_").upper()] = value

    def delete(self, key: str) -> None:
        del os.environ[key.strip("/").replace("/", "_").upper()]


class ZooKeeperWorld(World):
    name = "zookeeper"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.server = ZooKeeperServer(folder)

    def source(self) -> Source:
        return Source(backend="zookeeper", nodes=(self.server.address,))

    def start(self) -> None:
        self.server.start()

    def kill(self) -> None:
        self.server.kill()

    def stop(self) -> None:
        self.server.stop()

    def put(self, key: str, value: str) -> None:
        self.server.put(key, value)

    def delete(self, key: str) -> None:
        self.server.delete(key)


class ConsulWorld(World):
    name = "consul"
    by_text = True

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.server = ConsulServer()

    def source(self) -> Source:
        return Source(backend="consul", nodes=(self.server.address,))

    def start(self) -> None:
        self.server.start()

    def kill(self) -> None:
        self.server.stop()

    def put(self, key: str, value: str) -> None:
        self.server.put(key, value)

    def delete(self, key: str) -> None:
        self.server.delete(key)


class VaultWorld(World):
    """The engines of the tests' keys are both versions."""

    name = "vault"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.server = VaultServer(app=1, apple=1, other=1, key=1, none=2)

    def source(self) -> Source:
        login = Login(auth_type="token", auth_token="root")
        return Source(backend="vault", nodes=(self.server.url,), login=login)

    def start(self) -> None:
        self.server.start()

    def kill(self) -> None:
        self.server.stop()

    def put(self, key: str, value: str) -> None:
        self.server.put(key, value=value)

    def delete(self, key: str) -> None:
        del self.server.secrets[key.strip("/")]


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


WORLDS: tuple[type[World], ...] = (
    EtcdWorld, EtcdV3World, RedisWorld, StoreWorld, FileWorld, EnvWorld, ZooKeeperWorld,
    ConsulWorld, VaultWorld, SsmWorld, DynamoWorld, SecretsWorld,
)  # fmt: skip
