"""A stand-in for Consul's agent: the KV API with blocking queries, as its documentation has it.

Its index grows with every write; a query with `index` comes back when the index of its prefix is
another, or when `wait` is over; 404 where there is no such key.
"""

import base64
import threading

from support.http_server import Answer, HttpServer, Request


class ConsulServer:
    def __init__(self) -> None:
        self._values: dict[str, tuple[str, int]] = {}
        self._gone: dict[str, int] = {}
        self._index = 10
        self._changed = threading.Condition()
        self.token = ""
        self._http = HttpServer(self._answer)
        self.address = f"127.0.0.1:{self._http.port}"

    def start(self) -> "ConsulServer":
        self._http.start()
        return self

    def stop(self) -> None:
        self._http.stop()

    @property
    def asked(self) -> list[Request]:
        return self._http.asked

    def put(self, key: str, value: str) -> None:
        with self._changed:
            self._index += 1
            self._values[key.lstrip("/")] = (value, self._index)
            self._changed.notify_all()

    def delete(self, key: str) -> None:
        with self._changed:
            self._index += 1
            self._values.pop(key.lstrip("/"), None)
            self._gone[key.lstrip("/")] = self._index
            self._changed.notify_all()

    def _answer(self, asked: Request) -> Answer:
        if self.token and asked.headers.get("X-Consul-Token") != self.token:
            return Answer(403, "Permission denied")
        prefix = asked.path.removeprefix("/v1/kv/")
        since = int(asked.query.get("index", 0))
        with self._changed:
            if since:
                wait = float(asked.query.get("wait", "300s").removesuffix("s"))
                self._changed.wait_for(lambda: self._index_of(prefix) != since, wait)
            index = self._index_of(prefix)
            found = {k: v for k, v in sorted(self._values.items()) if k.startswith(prefix)}
        headers = {"X-Consul-Index": str(index)}
        if not found:
            return Answer(404, "", headers)
        if "keys" in asked.query:
            return Answer(200, list(found), headers)
        entries = [
            {"Key": key, "Value": base64.b64encode(text.encode()).decode(), "ModifyIndex": modified}
            for key, (text, modified) in found.items()
        ]
        return Answer(200, entries, headers)

    def _index_of(self, prefix: str) -> int:
        """Of the newest change below; of everything where there was none."""
        indexes = [index for key, (_, index) in self._values.items() if key.startswith(prefix)]
        indexes += [index for key, index in self._gone.items() if key.startswith(prefix)]
        return max(indexes, default=self._index)
