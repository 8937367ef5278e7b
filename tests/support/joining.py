"""Real etcd processes that find each other by a discovery URL, each ended by its process alone."""

import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import urllib3

from support.services import free_port, need

WAIT = 20.0  # seconds for a process to end


class Joining:
    """One member to be: `name` and its peer URL are what its id is made from."""

    def __init__(self, folder: Path, name: str, discovery: str) -> None:
        need("etcd")
        self.name = name
        self.client = f"http://127.0.0.1:{free_port()}"
        self.peer = f"http://127.0.0.1:{free_port()}"
        self._folder = folder / name
        self._log = folder / f"{name}.log"
        self._discovery = discovery
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Joining":
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                (
                    "etcd", "--name", self.name, "--data-dir", str(self._folder),
                    "--listen-client-urls", self.client, "--advertise-client-urls", self.client,
                    "--listen-peer-urls", self.peer, "--initial-advertise-peer-urls", self.peer,
                    "--discovery", self._discovery, "--discovery-fallback", "exit",
                    "--logger", "zap",
                ),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        return self

    def ended(self) -> int:
        """With which exit code it ended by itself."""
        assert self._process is not None
        return self._process.wait(WAIT)

    def kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(WAIT)

    def wipe(self) -> None:
        shutil.rmtree(self._folder)

    @property
    def said(self) -> str:
        return self._log.read_text()

    def members(self) -> int:
        """Of the cluster that it is in; 0 while it is in none."""
        with suppress(urllib3.exceptions.HTTPError):
            url = f"{self.client}/v3/cluster/member/list"
            reply = urllib3.request("POST", url, json={}, timeout=2.0, retries=False)
            if reply.status == 200:
                return sum(bool(each.get("clientURLs")) for each in reply.json()["members"])
        return 0
