"""Each backend with the server it reads: started, changed, killed and brought back by the tests."""

import base64
import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import redis
import urllib3

from bootstrapper.templates.backends.make import make
from bootstrapper.templates.backends.port import Backend
from bootstrapper.templates.confd.config import Config, Login, Source
from support.aws import Aws
from support.consul import ConsulServer
from support.etcd import Etcd
from support.eventually import eventually
from support.services import free_port, need
from support.vault import VaultServer
from support.zookeeper import ZooKeeperServer


class World:
    """`by_text`: keys match by how they begin, as confd has it for this backend."""

    name = ""
    by_text = False
    can_die = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def source(self) -> Source:
        raise NotImplementedError

    def backend(self) -> Backend:
        return make(Config(source=self.source(), interval=1))

    def start(self) -> None: ...
    def kill(self) -> None: ...
    def back(self) -> None:
        self.start()

    def stop(self) -> None:
        self.kill()

    def put(self, key: str, value: str) -> None:
        raise NotImplementedError

    def delete(self, key: str) -> None:
        raise NotImplementedError


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


class AwsWorld(World):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.aws = Aws()

    def source(self) -> Source:
        return Source(backend=self.name, table="confd")

    def start(self) -> None:
        self.aws.start()
        os.environ.update(self.aws.environ)

    def kill(self) -> None:
        self.aws.stop()


class SsmWorld(AwsWorld):
    name = "ssm"

    def put(self, key: str, value: str) -> None:
        self.aws.client("ssm").put_parameter(
            Name=key, Value=value, Type="SecureString", Overwrite=True
        )

    def delete(self, key: str) -> None:
        self.aws.client("ssm").delete_parameter(Name=key)


class DynamoWorld(AwsWorld):
    name = "dynamodb"
    by_text = True

    def start(self) -> None:
        super().start()
        client = self.aws.client("dynamodb")
        if "confd" not in client.list_tables()["TableNames"]:
            client.create_table(
                TableName="confd",
                AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
                BillingMode="PAY_PER_REQUEST",
            )

    def put(self, key: str, value: str) -> None:
        self.item(key, {"S": value})

    def item(self, key: str, value: dict[str, Any]) -> None:
        self.aws.client("dynamodb").put_item(
            TableName="confd", Item={"key": {"S": key}, "value": value}
        )

    def delete(self, key: str) -> None:
        self.aws.client("dynamodb").delete_item(TableName="confd", Key={"key": {"S": key}})


class SecretsWorld(AwsWorld):
    name = "secretsmanager"

    def put(self, key: str, value: str) -> None:
        client = self.aws.client("secretsmanager")
        try:
            client.create_secret(Name=key, SecretString=value)
        except client.exceptions.ResourceExistsException:
            client.put_secret_value(SecretId=key, SecretString=value)

    def delete(self, key: str) -> None:
        self.aws.client("secretsmanager").delete_secret(
            SecretId=key, ForceDeleteWithoutRecovery=True
        )


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


WORLDS: tuple[type[World], ...] = (
    EtcdWorld, EtcdV3World, RedisWorld, FileWorld, EnvWorld, ZooKeeperWorld, ConsulWorld,
    VaultWorld, SsmWorld, DynamoWorld, SecretsWorld,
)  # fmt: skip
