"""Real etcd members on free loopback ports, in a folder, ended by their process alone."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import urllib3

from support.eventually import eventually
from support.services import free_port, need

START_SECONDS = 20.0


class Etcd:
    """One member or a cluster. `v2` turns the old API on; `flags` are etcd's own, added as given;
    `host` is the address they listen at.

    Debian's 3.4 syncs every write to disk before it says yes, so `kill` loses nothing.
    """

    def __init__(
        self,
        folder: Path,
        *,
        members: int = 1,
        v2: bool = False,
        scheme: str = "http",
        host: str = "127.0.0.1",
        flags: tuple[str, ...] = (),
    ) -> None:
        need("etcd")
        self.folder = folder
        self.urls = tuple(f"{scheme}://{host}:{free_port(host)}" for _ in range(members))
        self._peers = tuple(f"http://{host}:{free_port(host)}" for _ in range(members))
        self._flags = (*flags, *(("--enable-v2",) if v2 else ()))
        self._running: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        """The first member's."""
        return self.urls[0]

    @property
    def address(self) -> str:
        """host:port of the first member."""
        return urlsplit(self.url).netloc

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(urlsplit(url).netloc for url in self.urls)

    def start(self, member: int | None = None) -> "Etcd":
        """Start one member or all that do not run, and wait until each serves."""
        wanted = range(len(self.urls)) if member is None else (member,)
        for number in wanted:
            if number not in self._running:
                self._running[number] = self._spawn(number)
        try:
            for number in wanted:
                eventually(
                    lambda number=number: self._serves(number),  # type: ignore[misc]
                    within=START_SECONDS,
                    what=f"etcd serves at {self.urls[number]}",
                )
        except BaseException:
            self.stop()
            raise
        return self

    def kill(self, member: int | None = None) -> None:
        """With -9, as a power cut would: one member, or all."""
        self._end(signal.SIGKILL, member)

    def stop(self, member: int | None = None) -> None:
        self._end(signal.SIGTERM, member)

    def freeze(self, member: int = 0) -> None:
        """It keeps its links open and says nothing more: what a cut link looks like."""
        os.kill(self._running[member].pid, signal.SIGSTOP)

    def thaw(self, member: int = 0) -> None:
        os.kill(self._running[member].pid, signal.SIGCONT)

    def wipe(self, member: int = 0) -> None:
        """A member that does not run loses its disk."""
        shutil.rmtree(self.folder / f"m{member}")

    def leader(self) -> int:
        """The member that leads now."""
        for number, url in enumerate(self.urls):
            if number in self._running:
                status = self.call("/v3/maintenance/status", url=url)
                if status["leader"] == status["header"]["member_id"]:
                    return number
        raise AssertionError("no member leads")

    def call(
        self, path: str, body: Mapping[str, object] | None = None, *, url: str = ""
    ) -> dict[str, Any]:
        """One request to the JSON gateway, past the code under test."""
        reply = urllib3.request("POST", (url or self.url) + path, json=body or {}, timeout=5.0)
        assert reply.status == 200, reply.data
        answer: dict[str, Any] = reply.json()
        return answer

    def compact(self, revision: int) -> None:
        self.call("/v3/kv/compaction", {"revision": str(revision), "physical": True})

    def _spawn(self, number: int) -> "subprocess.Popen[bytes]":
        name, url, peer = f"m{number}", self.urls[number], self._peers[number]
        cluster = ",".join(f"m{each}={peer}" for each, peer in enumerate(self._peers))
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                (
                    "etcd", "--name", name, "--data-dir", str(self.folder / name),
                    "--listen-client-urls", url, "--advertise-client-urls", url,
                    "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                    "--initial-cluster", cluster, "--logger", "zap", "--log-level", "warn",
                    *self._flags,
                ),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def _serves(self, number: int) -> bool:
        """It listens once it has joined; a cluster needs its first leader besides."""
        process = self._running[number]
        if process.poll() is not None:
            log = (self.folder / f"m{number}.log").read_text()[-2000:]
            raise RuntimeError(f"etcd ended at once: {log}")
        url = urlsplit(self.urls[number])
        try:
            if url.scheme == "https":  # it may want certificates; it listens when it has joined
                socket.create_connection((url.hostname, url.port), timeout=1.0).close()
                return True
            reply = urllib3.request("GET", url.geturl() + "/version", timeout=1.0, retries=False)
            return reply.status == 200
        except (urllib3.exceptions.HTTPError, OSError):
            return False

    def _end(self, number: signal.Signals, member: int | None) -> None:
        ended = list(self._running) if member is None else [member]
        for each in ended:
            process = self._running.pop(each)
            process.send_signal(signal.SIGCONT)
            process.send_signal(number)
            process.wait(timeout=START_SECONDS)
