"""The stage of the proxy's benchmarks: etcd, HAProxy before tiny servers, and who follows the keys.

The follower is ours (`bootstrapper confd -watch`), or the confd whose path CONFD names, with a
hitless reload; the floor is the Runtime API alone, told by hand.
"""

import base64
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import urllib3

from support.etcd import Etcd
from support.eventually import eventually
from support.haproxy import Haproxy, HttpBackend, preamble
from support.services import free_port, short_folder

BIN = Path(sys.executable).parent
PEER = os.environ.get("CONFD", "")
KEYS = "/proxy/frontend"
RANGE = """{{range gets "/proxy/frontend/*"}}    server {{base .Key}} {{.Value}}
{{end}}"""
IDLE = "127.0.0.1:9 weight 0"
"""A server that is there and gets no requests, so that a new one gets the very next."""
BREATH = 0.3
"""Seconds between a put and its delete: a HAProxy that is reloading loses the next signal."""
CHECKED = " check inter 2s"


class Scene:
    """`crowd` idle servers stand in the backend, behind the keys s00000, s00001, …"""

    def __init__(self, folder: Path, etcd: Etcd, crowd: int) -> None:
        self.folder = folder
        self.etcd = etcd
        self.port = free_port()
        self._http = urllib3.PoolManager(maxsize=4)
        for number in range(crowd):
            self.put(f"s{number:05}", IDLE)
        lines = "".join(f"    server s{n:05} {IDLE}\n" for n in range(crowd))
        self.haproxy = Haproxy(folder, self.head + lines)

    @property
    def head(self) -> str:
        defaults = "option redispatch\n    retries 3"
        return preamble(self.folder, defaults=defaults) + (
            f"frontend front\n    bind 127.0.0.1:{self.port}\n    default_backend web\n"
            "backend web\n    balance roundrobin\n"
        )

    def put(self, name: str, value: str) -> None:
        self._call("/v3/kv/put", {"key": _encode(f"{KEYS}/{name}"), "value": _encode(value)})

    def delete(self, name: str) -> None:
        self._call("/v3/kv/deleterange", {"key": _encode(f"{KEYS}/{name}")})

    def _call(self, path: str, body: Mapping[str, str]) -> None:
        reply = self._http.request("POST", self.etcd.url + path, json=body, timeout=10.0)
        assert reply.status == 200, reply.data

    @property
    def reloads(self) -> int:
        file = self.folder / "reloads"
        return len(file.read_text().splitlines()) if file.exists() else 0

    @contextmanager
    def follower(self, peer: str = "") -> Iterator["subprocess.Popen[bytes]"]:
        """Ours, or the peer's binary; given when a first change has gone through."""
        confdir = self._write_confdir(live=not peer)
        program = [peer] if peer else [str(BIN / "bootstrapper"), "confd"]
        state = [] if peer else ["-state", str(self.folder / "state")]
        with (self.folder / "confd.log").open("ab") as log:
            process = subprocess.Popen(
                [*program, "-backend", "etcdv3", "-node", self.etcd.address, "-watch",
                 "-confdir", str(confdir), *state],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            self.live_after("ready")
            yield process
        finally:
            process.terminate()
            process.wait(10)

    def live_after(self, name: str) -> float:
        """Put a new server: the seconds until it served its first request. It goes afterwards."""
        server = HttpBackend(name).start()
        try:
            began = time.perf_counter()
            self.put(name, server.address + CHECKED)
            self.wait_for(name)
            taken = time.perf_counter() - began
            time.sleep(BREATH)
            self.delete(name)
            self.wait_until_gone(name)
        finally:
            server.stop()
        return taken

    def floor(self, name: str) -> float:
        """The same by hand: seconds from telling the Runtime API to the first request served."""
        server = HttpBackend(name).start()
        try:
            began = time.perf_counter()
            self.say(f"add server web/{name} {server.address}{CHECKED}")
            self.say(f"enable server web/{name};enable health web/{name}")
            self.wait_for(name)
            taken = time.perf_counter() - began
            self.say(f"disable server web/{name};del server web/{name}")
        finally:
            server.stop()
        return taken

    def say(self, command: str) -> str:
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(str(self.haproxy.socket))
            link.sendall(command.encode() + b"\n")
            return b"".join(iter(lambda: link.recv(65536), b"")).decode()

    def wait_for(self, name: str, within: float = 60.0) -> None:
        """Until `name` serves a request; they go one after the other, without a pause."""
        deadline = time.perf_counter() + within
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        while time.perf_counter() < deadline:
            try:
                link.request("GET", "/")
                if link.getresponse().read().decode(errors="replace") == name:
                    return link.close()
            except (OSError, http.client.HTTPException):
                link.close()
        raise AssertionError(f"{name} serves nothing within {within} s: {self.folder}/confd.log")

    def wait_until_gone(self, name: str) -> None:
        def gone() -> bool:
            return f" {name} " not in self.say("show servers state web")

        eventually(gone, within=60, what=f"{name} is gone")

    def _write_confdir(self, *, live: bool) -> Path:
        confdir = self.folder / "confd"
        for name in ("conf.d", "templates"):
            (confdir / name).mkdir(parents=True, exist_ok=True)
        (confdir / "templates" / "haproxy.cfg.tmpl").write_text(self.head + RANGE)
        reload_cmd = f"echo >> {self.folder}/reloads; kill -USR2 {self.haproxy.pid}"
        lines = [
            "[template]", 'src = "haproxy.cfg.tmpl"', f'dest = "{self.haproxy.file}"',
            f'keys = ["{KEYS}"]', f'reload_cmd = "{reload_cmd}"',
        ]  # fmt: skip
        if live:
            lines += ["[template.haproxy]", f'socket = "{self.haproxy.socket}"']
        (confdir / "conf.d" / "haproxy.toml").write_text("\n".join(lines) + "\n")
        return confdir


@contextmanager
def scene(crowd: int) -> Iterator[Scene]:
    with short_folder("proxy") as folder, ExitStack() as stack:
        etcd = Etcd(folder).start()
        stack.callback(etcd.stop)
        made = Scene(folder, etcd, crowd)
        made.haproxy.start()
        stack.callback(made.haproxy.stop)
        yield made


def _encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
