"""What `kv.url` says."""

from pathlib import Path

import msgspec
import pytest

from bootstrapper.errors import Mistake
from bootstrapper.kv.etcd import EtcdStore
from bootstrapper.kv.open import endpoints, open_store
from bootstrapper.kv.redis import RedisStore
from bootstrapper.settings import Kv, Redis, Settings, load


@pytest.mark.parametrize(
    ("url", "tls", "urls"),
    [
        ("etcd://a", False, ("http://a:2379",)),
        ("etcd://a:1,b", False, ("http://a:1", "http://b:2379")),
        ("etcd://a:1, b:2/", True, ("https://a:1", "https://b:2")),
        ("http://a:1,http://b:2", False, ("http://a:1", "http://b:2")),
        ("https://a:1,b:2", False, ("https://a:1", "https://b:2")),
        ("http://a:1,etcd://b:2", False, ("http://a:1", "http://b:2")),
        ("etcd://[::1]:4,[::1]", False, ("http://[::1]:4", "http://[::1]:2379")),
    ],
)
def test_endpoints_of_etcd(url: str, tls: bool, urls: tuple[str, ...]) -> None:
    assert endpoints(url, tls=tls) == urls


@pytest.mark.parametrize("url", ["etcd://", "etcd://,", "etcd://user:secret@a:1", "http://a/x"])
def test_what_is_no_endpoint_is_a_mistake(url: str) -> None:
    with pytest.raises(Mistake, match=r"kv\.url") as caught:
        open_store(Settings(kv=Kv(url=url)))

    assert caught.value.field == "kv.url"


@pytest.mark.parametrize("name", ["ca", "certificate", "key"])
def test_a_certificate_that_is_not_there_is_a_mistake(name: str, tmp_path: Path) -> None:
    kv = msgspec.convert({"url": "etcd://a", name: str(tmp_path / "none.pem")}, Kv)

    with pytest.raises(Mistake, match=rf"kv\.{name}"):
        open_store(Settings(kv=kv))


def test_what_is_no_store_is_a_mistake() -> None:
    with pytest.raises(Mistake, match=r"kv\.url"):
        open_store(Settings(kv=Kv(url="consul://127.0.0.1")))


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        (Settings(kv=Kv(url="etcd://127.0.0.1:1")), EtcdStore),
        (Settings(kv=Kv(url="http://127.0.0.1:1")), EtcdStore),
        (Settings(kv=Kv(url="redis://127.0.0.1:1")), RedisStore),
        (Settings(kv=Kv(url="sentinel://127.0.0.1:1/main")), RedisStore),
        (Settings(redis=Redis(url="redis://127.0.0.1:1")), RedisStore),
        (Settings(), RedisStore),
    ],
)
def test_nothing_is_connected_before_it_is_used(settings: Settings, kind: type) -> None:
    assert isinstance(open_store(settings), kind)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('certificate = "a.pem"', "kv: certificate and key go together"),
        ('url = "etcd://a"\npassword = { env = "X" }', "kv: a password without a username"),
        ("timeout = 0", "kv.timeout: "),
        ("history = 5", "kv.history: "),
    ],
)
def test_faults_of_the_settings_are_told(tmp_path: Path, text: str, fault: str) -> None:
    file = tmp_path / "bootstrapper.toml"
    file.write_text(f"[kv]\n{text}\n")

    with pytest.raises(Mistake, match=fault):
        load(file, {})
