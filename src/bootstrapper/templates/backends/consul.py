"""Consul's KV store, with blocking queries. Protocol: developer.hashicorp.com/consul/api-docs/kv"""

import base64
import os
from collections.abc import Sequence
from urllib.parse import quote

from bootstrapper.errors import Mistake, Unavailable
from bootstrapper.lifecycle import Stop
from bootstrapper.templates.backends.http import POLL, READ, Nodes, Reply, basic
from bootstrapper.templates.backends.port import nothing_to_hear
from bootstrapper.templates.confd.config import Config
from bootstrapper.templates.paths import common, join


class Consul:
    """Keys match by how they begin, as Consul lists them: /app finds app/port, and apple too."""

    watches = True

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes

    def values(self, keys: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for key in keys:
            reply = self._nodes.ask("GET", _path(key), query={"recurse": "true"})
            for entry in _checked(reply) or ():
                value = base64.b64decode(entry["Value"] or "")
                found[join("/", entry["Key"])] = value.decode(errors="surrogateescape")
        return found

    def wait(self, prefix: str, keys: Sequence[str], since: int, stop: Stop) -> int:
        """The index is Consul's own; one that goes back means a store made anew."""
        if not keys:
            return nothing_to_hear(since, stop)
        place = _path(common(keys))
        while not stop.is_set():
            query = {"keys": "true", "index": str(since), "wait": f"{POLL:g}s"}
            reply = self._nodes.ask("GET", place, query=query, read=POLL + READ)
            _checked(reply)
            index = int(reply.headers.get("X-Consul-Index", 0)) or 1
            if index != since:
                return index
        return since


def _path(key: str) -> str:
    return "/v1/kv/" + quote(key.lstrip("/"))


def _checked(reply: Reply) -> list[dict[str, str]] | None:
    """None: no such key."""
    if reply.status == 404:  # noqa: PLR2004
        return None
    if reply.status in (401, 403):
        raise Mistake(f"Consul refuses us: {reply.body.decode(errors='replace').strip()}")
    if reply.status >= 400:  # noqa: PLR2004
        raise Unavailable(f"Consul: {reply.status} {reply.body.decode(errors='replace').strip()}")
    found: list[dict[str, str]] = reply.json()
    return found


def make(config: Config) -> Consul:
    login = config.source.login
    headers = basic(login.username, login.password) if login.basic_auth else {}
    if token := login.auth_token or os.environ.get("CONSUL_HTTP_TOKEN", ""):
        headers["X-Consul-Token"] = token
    return Consul(Nodes(config.source, headers))
