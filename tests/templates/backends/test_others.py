"""What only one of the backends does: Consul, AWS, ZooKeeper, the environment, and `make`."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Timer

import pytest

from bootstrapper.errors import Mistake
from bootstrapper.templates.backends.make import make
from bootstrapper.templates.confd.config import BACKENDS, Config, Login, Source, Tls
from bootstrapper.templates.confd.go_flags import Value
from bootstrapper.templates.confd.read_config import read_config
from support.consul import ConsulServer
from support.services import short_folder
from templates.backends.aws_worlds import DynamoWorld, SecretsWorld, SsmWorld
from templates.backends.worlds import EnvWorld, EtcdV3World, ZooKeeperWorld


@pytest.fixture
def consul() -> Iterator[ConsulServer]:
    made = ConsulServer().start()
    yield made
    made.stop()


def test_consuls_token_is_given_or_found(
    consul: ConsulServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    consul.token = "hush"
    consul.put("app/a b/ä", "v")
    source = Source(backend="consul", nodes=(consul.address,))
    given = Source(backend="consul", nodes=(consul.address,), login=Login(auth_token="hush"))

    with pytest.raises(Mistake, match="Permission denied"):
        make(Config(source=source)).values(["/app"])
    assert make(Config(source=given)).values(["/app/a b"]) == {"/app/a b/ä": "v"}
    monkeypatch.setenv("CONSUL_HTTP_TOKEN", "hush")
    assert make(Config(source=source)).values(["/app"]) == {"/app/a b/ä": "v"}


def test_a_quiet_consul_is_asked_seldom(consul: ConsulServer) -> None:
    backend, stop = make(Config(source=Source(backend="consul", nodes=(consul.address,)))), Event()
    index = backend.wait("/", ["/app"], 0, stop)
    Timer(1.0, stop.set).start()

    assert backend.wait("/", ["/app"], index, stop) == index
    assert len(consul.asked) == 2


def test_the_environment_in_the_letters_of_confd(tmp_path: Path) -> None:
    world = EnvWorld(tmp_path)
    world.put("/mixed/case", "v")

    assert world.backend().values(["/Mixed"]) == {"/mixed/case": "v"}


@pytest.fixture
def ssm(tmp_path: Path) -> Iterator[SsmWorld]:
    world = SsmWorld(tmp_path)
    world.start()
    yield world
    world.stop()


def test_more_parameters_than_one_call_takes(ssm: SsmWorld) -> None:
    keys = [f"/p/{number}" for number in range(25)]
    for key in keys:
        ssm.put(key, "v")

    assert ssm.backend().values(keys) == dict.fromkeys(keys, "v")
    assert ssm.backend().values(["/p"]) == dict.fromkeys(keys, "v")


def test_without_credentials_aws_is_a_mistake(
    ssm: SsmWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/none")

    with pytest.raises(Mistake, match="credentials"):
        ssm.backend().values(["/p"])


def test_dynamodb_passes_over_what_is_no_text_and_reads_all_pages(tmp_path: Path) -> None:
    world = DynamoWorld(tmp_path)
    world.start()
    try:
        world.item("/up/broken", {"N": "4711"})
        for number in range(4):
            world.put(f"/up/{number}", str(number) * 300_000)  # a page has a megabyte
        found = world.backend().values(["/up"])
        assert sorted(found) == ["/up/0", "/up/1", "/up/2", "/up/3"]
        none = Config(source=Source(backend="dynamodb", table="none"))
        with pytest.raises(Mistake, match="ResourceNotFound"):
            make(none).values(["/up"])
    finally:
        world.stop()


def test_a_secret_of_aws_may_have_fields_and_no_slash(tmp_path: Path) -> None:
    world = SecretsWorld(tmp_path)
    world.start()
    try:
        world.put("app/db", '{"user": "u", "deep": {"x": "y"}, "port": 1}')
        world.put("/app/plain", "p")
        backend = world.backend()
        assert backend.values(["/app"]) == {
            "/app/db": '{"user": "u", "deep": {"x": "y"}, "port": 1}',
            "/app/db/user": "u",
            "/app/db/deep/x": "y",
            "/app/plain": "p",
        }
        assert backend.values(["/app/db/user"]) == {"/app/db/user": "u"}
    finally:
        world.stop()


def test_zookeeper_has_values_in_its_leaves() -> None:
    with short_folder("zookeeper") as folder:
        world = ZooKeeperWorld(folder)
        world.start()
        try:
            world.put("/app", "inner")
            world.put("/app/db", "leaf")
            assert world.backend().values(["/app/*"]) == {"/app/db": "leaf"}
        finally:
            world.stop()


def test_our_own_store_is_that_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    with short_folder("etcd") as folder:
        world = EtcdV3World(folder)
        world.start()
        try:
            world.put("/app/k", "v")
            monkeypatch.setenv("BOOTSTRAPPER_KV_URL", world.server.url)
            monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
            backend = make(Config(source=Source(backend="store")))
            assert backend.values(["/app"]) == {"/app/k": "v"}
        finally:
            world.stop()


def test_a_backend_imports_its_own_file_alone() -> None:
    code = (
        "import sys\n"
        "from bootstrapper.templates.backends.make import make\n"
        "from bootstrapper.templates.confd.config import Config, Source\n"
        "make(Config(source=Source(backend='env')))\n"
        "print(*sys.modules)"
    )
    loaded = subprocess.run(
        (sys.executable, "-c", code), capture_output=True, text=True, check=True
    ).stdout

    assert {"urllib3", "yaml", "redis", "boto3", "kazoo"} & set(loaded.split()) == set()


@pytest.mark.parametrize("name", sorted(set(BACKENDS) - {"store"}))
def test_making_a_backend_connects_to_nothing(name: str) -> None:
    given: dict[str, Value] = {"backend": name, "table": "t", "auth-type": "cert"}
    given["file"] = ("/none",)

    assert isinstance(make(read_config(given, {})).watches, bool)


@pytest.mark.parametrize("name", ["etcd", "consul", "vault"])
def test_certificates_that_are_not_there_are_a_mistake(name: str) -> None:
    source = Source(
        backend=name, nodes=("https://127.0.0.1:1",), tls=Tls(ca="/none.pem"),
        login=Login(auth_type="cert"),
    )  # fmt: skip

    with pytest.raises(Mistake, match=r"none\.pem"):
        make(Config(source=source))
