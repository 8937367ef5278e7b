"""The pipeline of 2015 beside ours: serf agents, and a handler that deletes keys with curl.

Its keys are etcd's v2 ones, `/proxy/frontend/<name>`; a watch of them tells when each was deleted.
"""

import threading
import time
from pathlib import Path

import urllib3

from support.etcd import Etcd
from support.eventually import eventually

FOLDER = "/v2/keys/proxy/frontend"
HANDLER = """#!/bin/sh
while read -r name address role tags; do
  curl -s -m 5 -X DELETE {url}/$name >/dev/null
done
"""
EVENTS = "member-failed,member-leave"


class Pipeline2015:
    def __init__(self, folder: Path, etcd: Etcd) -> None:
        self._url = etcd.url + FOLDER
        self._http = urllib3.PoolManager(maxsize=2, retries=False)
        self._stop = threading.Event()
        self._gone: dict[str, float] = {}
        self._thread = threading.Thread(target=self._watch)
        script = folder / "handler.sh"
        script.write_text(HANDLER.format(url=self._url))
        script.chmod(0o755)
        self.flags = ("-event-handler", f"{EVENTS}={script}")
        """For `serf agent`."""

    def start(self) -> "Pipeline2015":
        self._call("PUT", "", dir="true")
        self._thread.start()
        return self

    def put(self, name: str, address: str) -> None:
        self._gone.pop(name, None)
        self._call("PUT", f"/{name}", value=address)

    def gone(self) -> dict[str, float]:
        """Name → when it was deleted, monotonic."""
        return dict(self._gone)

    def wait(self, name: str, since: float, within: float = 40.0) -> float:
        """Seconds from `since` until its key was deleted."""
        told = f"the handler deletes {name}"
        eventually(lambda: name in self._gone, within=within, what=told)
        return self._gone[name] - since

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        index = ""
        while not self._stop.is_set():
            where = f"{self._url}?wait=true&recursive=true{index}"
            try:
                reply = self._http.request("GET", where, timeout=1.0)
            except urllib3.exceptions.HTTPError:
                continue
            if reply.status == 200 and reply.data:
                told = reply.json()
                node = told["node"]
                index = f"&waitIndex={node['modifiedIndex'] + 1}"
                if told["action"] in ("delete", "expire"):
                    self._gone[node["key"].rpartition("/")[2]] = time.monotonic()

    def _call(self, method: str, path: str, **fields: str) -> None:
        reply = self._http.request(method, self._url + path, fields=fields, timeout=5.0,
                                   encode_multipart=False)  # fmt: skip
        assert reply.status in (200, 201, 403), reply.data
