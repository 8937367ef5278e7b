"""confd's own layout: a `confd` on PATH, five resources over nested prefixes, each backend.

The keys and what must come of them are the same for all; only how they are put differs.
"""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

import pytest
import urllib3

from support.confd import Confd
from support.etcd import Etcd
from support.redis import RedisServer
from support.services import short_folder
from support.zookeeper import ZooKeeperServer

KEYS = {
    "/title": "shop",
    "/db/host": "10.1.0.1",
    "/db/port": "5432",
    "/db/secret": "p@ss'w0rd ü",
    "/pool/a": "10.2.0.1:80",
    "/pool/b": "10.2.0.2:80",
    "/zone/north/a": "10.3.0.1:80",
    "/zone/south/b": "10.3.0.2:80",
    "/stage/eu/db/host": "10.4.0.1",
    "/stage/eu/db/port": "6432",
}
RESOURCES = {
    "title": ("", ["/title"]),
    "db": ("", ["/db/host", "/db/port", "/db/secret"] * 20),
    "pool": ("", ["/pool"]),
    "zone": ("", ["/zone"]),
    "deep/stage": ("/stage/eu", ["/db"]),
}
TEMPLATES = {
    "title": '{{if exists "/title"}}{{getv "/title"}}{{end}}{{if exists "/none"}}never{{end}}\n',
    "db": 'on {{getenv "PLACE"}}: {{getv "/db/host"}}:{{getv "/db/port"}} {{getv "/db/secret"}}\n',
    "pool": '{{range gets "/pool/*"}}{{base .Key}} {{.Value}};{{end}}\n',
    "zone": '{{range lsdir "/zone"}}{{.}}:{{range gets (printf "/zone/%s/*" .)}}'
    "{{.Key}}={{.Value}}{{end}};{{end}}\n",
    "stage": '{{getv "/db/host"}}:{{getv "/db/port"}}{{range ls "/db"}} {{.}}{{end}}\n',
}
FILES = {
    "title": "shop\n",
    "db": "on here: 10.1.0.1:5432 p@ss'w0rd ü\n",
    "pool": "a 10.2.0.1:80;b 10.2.0.2:80;\n",
    "zone": "north:/zone/north/a=10.3.0.1:80;south:/zone/south/b=10.3.0.2:80;\n",
    "stage": "10.4.0.1:6432 host port\n",
}
Words = tuple[str, ...]
Filled = tuple[Words, dict[str, str]]
"""The flags that find the keys, and the environment."""


class Layout(Confd):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.out = folder / "out"
        self.out.mkdir()
        for path, (prefix, keys) in RESOURCES.items():
            name = path.rpartition("/")[2]
            self.template(f"{name}.tmpl", TEMPLATES[name])
            self.resource(
                path,
                f'[template]\nmode = "0640"\nsrc = "{name}.tmpl"\ndest = "{self.out}/{name}"\n'
                f'prefix = "{prefix}"\nkeys = {keys}\n',
            )

    @property
    def files(self) -> dict[str, str]:
        return {file.name: file.read_text() for file in self.out.iterdir()}


@pytest.fixture
def cleanup() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def in_the_environment(folder: Path, cleanup: ExitStack) -> Filled:
    return (), {key.strip("/").replace("/", "_").upper(): text for key, text in KEYS.items()}


def in_files(folder: Path, cleanup: ExitStack) -> Filled:
    """The first in one file, the rest in another that stands as a tree."""
    (folder / "1.yaml").write_text("title: shop\n")
    tree: dict[str, object] = {}
    for key, text in list(KEYS.items())[1:]:
        *path, last = key.strip("/").split("/")
        place: dict[str, object] = tree
        for part in path:
            place = place.setdefault(part, {})  # type: ignore[assignment]
        place[last] = text
    (folder / "2.json").write_text(json.dumps(tree))
    return ("-file", str(folder / "1.yaml"), "-file", str(folder / "2.json")), {}


def in_etcd(folder: Path, cleanup: ExitStack) -> Filled:
    server = Etcd(folder, v2=True).start()
    cleanup.callback(server.stop)
    for key, text in KEYS.items():
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        body, url = urlencode({"value": text}), f"{server.url}/v2/keys{key}"
        assert urllib3.request("PUT", url, body=body, headers=form).status == 201
    return ("-node", server.url), {}


def in_etcdv3(folder: Path, cleanup: ExitStack) -> Filled:
    server = Etcd(folder).start()
    cleanup.callback(server.stop)
    for key, text in KEYS.items():
        pair = {"key": key, "value": text}
        raw = {name: base64.b64encode(each.encode()).decode() for name, each in pair.items()}
        server.call("/v3/kv/put", raw)
    return ("-node", server.address), {}


def in_redis(folder: Path, cleanup: ExitStack) -> Filled:
    server = RedisServer(folder / "redis").start()
    cleanup.callback(server.stop)
    client = server.client()
    for key, text in KEYS.items():
        client.set(key, text)
    return ("-node", str(server.socket)), {}


def in_zookeeper(folder: Path, cleanup: ExitStack) -> Filled:
    server = ZooKeeperServer(folder).start()
    cleanup.callback(server.stop)
    for key, text in KEYS.items():
        server.put(key, text)
    return ("-node", server.address), {}


BACKENDS: dict[str, Callable[[Path, ExitStack], Filled]] = {
    "env": in_the_environment,
    "file": in_files,
    "etcd": in_etcd,
    "etcdv3": in_etcdv3,
    "redis": in_redis,
    "zookeeper": in_zookeeper,
}


@pytest.mark.parametrize("backend", BACKENDS)
def test_five_files_come_of_each_backend(backend: str, cleanup: ExitStack) -> None:
    folder = cleanup.enter_context(short_folder("layout"))
    words, environ = BACKENDS[backend](folder, cleanup)
    confd = Layout(folder)

    done = confd.once("--log-level", "debug", "--backend", backend, *words, PLACE="here", **environ)

    assert done.returncode == 0, done.stderr
    assert confd.files == FILES
    assert {file.stat().st_mode & 0o7777 for file in confd.out.iterdir()} == {0o640}


def test_a_key_that_is_missing_leaves_its_own_file_alone(cleanup: ExitStack) -> None:
    folder = cleanup.enter_context(short_folder("layout"))
    words, environ = in_the_environment(folder, cleanup)
    confd = Layout(folder)
    del environ["DB_PORT"]

    done = confd.once("-backend", "env", *words, PLACE="here", **environ)

    assert done.returncode == 1
    assert "key does not exist: /db/port" in done.stderr
    assert confd.files == {name: text for name, text in FILES.items() if name != "db"}
