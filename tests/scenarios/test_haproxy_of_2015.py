"""The literal set-up of 2015: confd on a `/proxy/frontend` in etcd, before a HAProxy that runs."""

import base64
import http.client
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.confd import Confd
from support.etcd import Etcd
from support.eventually import eventually
from support.haproxy import Haproxy, HttpBackend, preamble
from support.services import free_port, short_folder

SERVERS = """{{range gets "/proxy/frontend/*"}}  server {{base .Key}} {{.Value}} check
{{end}}"""


class Scene:
    def __init__(self, folder: Path) -> None:
        self.etcd = Etcd(folder, v2=True).start()
        self.port = free_port()
        front = f"frontend f\n  bind 127.0.0.1:{self.port}\n  default_backend b\nbackend b\n"
        head = preamble(folder) + front
        self.haproxy = Haproxy(folder, head).start()
        self.confd = Confd(folder)
        self.confd.template("haproxy.cfg.tmpl", head + SERVERS)
        self.folder = folder

    def resource(self, more: str = "") -> None:
        reload_cmd = f"echo >> {self.folder}/reloads; kill -USR2 {self.haproxy.pid}"
        self.confd.resource(
            "haproxy",
            f'[template]\nsrc = "haproxy.cfg.tmpl"\ndest = "{self.haproxy.file}"\n'
            f'keys = ["/proxy/frontend"]\ncheck_cmd = "haproxy -c -f {{{{.src}}}}"\n'
            f'reload_cmd = "{reload_cmd}"\n{more}',
        )

    def put(self, name: str, value: str, *, v2: bool) -> None:
        key = f"/proxy/frontend/{name}"
        if v2:
            curl("-X", "PUT", f"{self.etcd.url}/v2/keys{key}", "-d", f"value={value}")
        else:
            self.etcd.call("/v3/kv/put", {"key": encode(key), "value": encode(value)})

    def delete(self, name: str, *, v2: bool) -> None:
        key = f"/proxy/frontend/{name}"
        if v2:
            curl("-X", "DELETE", f"{self.etcd.url}/v2/keys{key}")
        else:
            self.etcd.call("/v3/kv/deleterange", {"key": encode(key)})

    def answer(self) -> str:
        """Who serves a request; "" for nobody."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            link.request("GET", "/")
            reply = link.getresponse()
            text = reply.read().decode()
            return text if reply.status == 200 else ""
        except (OSError, http.client.HTTPException):
            return ""
        finally:
            link.close()

    @property
    def reloads(self) -> int:
        file = self.folder / "reloads"
        return len(file.read_text().splitlines()) if file.exists() else 0

    def down(self) -> None:
        self.haproxy.stop()
        self.etcd.stop()


@pytest.fixture
def scene() -> Iterator[Scene]:
    with short_folder("p") as folder:
        made = Scene(folder)
        yield made
        made.down()


@pytest.fixture
def web1() -> Iterator[HttpBackend]:
    server = HttpBackend("web1").start()
    yield server
    server.stop()


@pytest.mark.parametrize("scheme", ["", "http://"], ids=["a bare address", "a URL"])
def test_with_the_old_api_and_an_interval(scene: Scene, web1: HttpBackend, scheme: str) -> None:
    scene.resource()
    scene.put("web1", web1.address, v2=True)
    scene.confd.start("-backend", "etcd", "-node", scheme + scene.etcd.address, "-interval=1")
    try:
        eventually(lambda: scene.answer() == "web1", within=20, what="web1 serves")
        scene.delete("web1", v2=True)
        eventually(lambda: scene.answer() == "", within=20, what="nobody serves")
        assert scene.reloads == 2
    finally:
        assert scene.confd.stop() == 0


def test_with_watch_and_a_proxy_that_is_never_reloaded(scene: Scene, web1: HttpBackend) -> None:
    scene.resource(f'[template.haproxy]\nsocket = "{scene.haproxy.socket}"\ndrain = 5\n')
    scene.confd.start("-backend", "etcdv3", "-node", scene.etcd.address, "-watch")
    worker = scene.haproxy.worker()
    try:
        for _ in range(2):
            scene.put("web1", web1.address, v2=False)
            eventually(lambda: scene.answer() == "web1", within=20, what="web1 serves")
            eventually(lambda: " web1 " in scene.haproxy.file.read_text(), within=5)
            scene.delete("web1", v2=False)
            eventually(lambda: "web1" not in scene.haproxy.say("show servers state b"), within=20)
            eventually(lambda: " web1 " not in scene.haproxy.file.read_text(), within=5)
    finally:
        assert scene.confd.stop() == 0
    assert (scene.reloads, scene.haproxy.worker()) == (0, worker)


def test_another_difference_is_reloaded(scene: Scene, web1: HttpBackend) -> None:
    scene.resource(f'[template.haproxy]\nsocket = "{scene.haproxy.socket}"\n')
    scene.confd.start("-backend", "etcdv3", "-node", scene.etcd.address, "-watch")
    worker = scene.haproxy.worker()
    try:
        scene.put("web1", web1.address, v2=False)
        eventually(lambda: scene.answer() == "web1", within=20, what="web1 serves")
        template = scene.confd.confdir / "templates" / "haproxy.cfg.tmpl"
        text = template.read_text()
        template.write_text(text.replace("timeout connect 2s", "timeout connect 3s"))
        eventually(lambda: scene.haproxy.worker() not in (0, worker), within=20, what="a reload")
        eventually(lambda: scene.answer() == "web1", within=20, what="web1 serves again")
    finally:
        scene.confd.stop()
    assert scene.reloads == 1


def curl(*words: str) -> None:
    subprocess.run(["curl", "-sf", *words], check=True, capture_output=True)


def encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
