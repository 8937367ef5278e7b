"""A stand-in for Vault: KV of both versions and the logins, as its HTTP API is documented."""

import itertools
import json
from typing import Any

from support.http_server import Answer, HttpServer, Request

DENIED = Answer(403, {"errors": ["permission denied"]})
MISSING = Answer(404, {"errors": []})


class VaultServer:
    """`mounts`: where engines are, each with its version. Tokens: those given out, and `root`."""

    def __init__(self, **mounts: int) -> None:
        self.mounts = mounts
        self.secrets: dict[str, dict[str, Any]] = {}
        self.may_list = True
        self.logins: list[tuple[str, dict[str, str]]] = []
        self._tokens = {"root"}
        self._numbers = itertools.count(1)
        self.http = HttpServer(self._answer)
        self.url = self.http.url

    def start(self) -> "VaultServer":
        self.http.start()
        return self

    def stop(self) -> None:
        self.http.stop()

    def put(self, path: str, **fields: Any) -> None:
        self.secrets[path.strip("/")] = fields

    def expire(self) -> None:
        """No token is good any more."""
        self._tokens.clear()

    def _answer(self, asked: Request) -> Answer:
        path = asked.path.removeprefix("/v1/")
        if path.startswith("auth/") and asked.method == "POST":
            return self._log_in(path, asked.body)
        if asked.headers.get("X-Vault-Token") not in self._tokens:
            return DENIED
        if path.startswith("sys/internal/ui/mounts/"):
            return self._mount(path.removeprefix("sys/internal/ui/mounts/"))
        mount, _, rest = path.partition("/")
        if mount not in self.mounts:
            return DENIED
        if self.mounts[mount] == 2:
            kind, _, rest = rest.partition("/")
            if kind != {"GET": "data", "LIST": "metadata"}[asked.method]:
                return MISSING
        place = f"{mount}/{rest}".strip("/")
        return self._list(place) if asked.method == "LIST" else self._read(mount, place)

    def _read(self, mount: str, place: str) -> Answer:
        if place not in self.secrets:
            return MISSING
        fields = self.secrets[place]
        if self.mounts[mount] == 2:
            return Answer(200, {"data": {"data": fields, "metadata": {"version": 1}}})
        return Answer(200, {"data": fields})

    def _list(self, place: str) -> Answer:
        if not self.may_list:
            return DENIED
        below = [
            key.removeprefix(place + "/") for key in self.secrets if key.startswith(place + "/")
        ]
        names = {name + "/" if deeper else name for name, deeper, _ in
                 (key.partition("/") for key in below)}  # fmt: skip
        return Answer(200, {"data": {"keys": sorted(names)}}) if names else MISSING

    def _mount(self, path: str) -> Answer:
        mount = path.partition("/")[0]
        if mount not in self.mounts:
            return DENIED
        options = {"version": str(self.mounts[mount])}
        return Answer(200, {"data": {"path": mount + "/", "type": "kv", "options": options}})

    def _log_in(self, path: str, body: bytes) -> Answer:
        said = json.loads(body or b"{}")
        if "wrong" in said.values():
            return Answer(400, {"errors": ["invalid credentials"]})
        self.logins.append((path, said))
        token = f"s.{next(self._numbers)}"
        self._tokens.add(token)
        return Answer(200, {"auth": {"client_token": token, "lease_duration": 3600}})
