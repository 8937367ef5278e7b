"""etcd's v2 keys API: JSON over HTTP, with long polls from an index on.

Protocol: https://etcd.io/docs/v2.3/api/
"""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from bootstrapper.errors import Mistake, Unavailable
from bootstrapper.lifecycle import Stop
from bootstrapper.templates.backends.http import Nodes, Reply, basic
from bootstrapper.templates.backends.port import nothing_to_hear
from bootstrapper.templates.confd.config import Config
from bootstrapper.templates.paths import at_or_below, common

NO_SUCH_KEY, HISTORY_CLEARED = 100, 401
_READ = {"recursive": "true", "sorted": "true", "quorum": "true"}


class EtcdV2:
    watches = True

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes

    def values(self, keys: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for key in keys:
            reply = self._nodes.ask("GET", _path(key), query=_READ)
            if not _is_missing(reply):
                found |= _leaves(_checked(reply)["node"])
        return found

    def wait(self, prefix: str, keys: Sequence[str], since: int, stop: Stop) -> int:
        """The index is etcd's own. It keeps the last 1000 events of all keys to resume from."""
        if not keys:
            return nothing_to_hear(since, stop)
        place = common(keys)
        if not since:
            return self._index(place)
        seen = since
        while not stop.is_set():
            query = {"wait": "true", "recursive": "true", "waitIndex": str(seen + 1)}
            reply, whole = self._nodes.hear(_path(place), query)
            now = int(reply.headers.get("X-Etcd-Index", seen))
            if whole and reply.json() and reply.json().get("errorCode") == HISTORY_CLEARED:
                return self._index(place)
            if now < since:  # it came back without what it had
                return max(now, 1)
            if whole and reply.body:
                node = _checked(reply)["node"]
                seen = int(node["modifiedIndex"])
                if any(_touches(node["key"], key) for key in keys):
                    return seen
        return since

    def _index(self, place: str) -> int:
        reply = self._nodes.ask("GET", _path(place))
        if not _is_missing(reply):
            _checked(reply)
        return int(reply.headers.get("X-Etcd-Index", 0)) or 1


def _path(key: str) -> str:
    return "/v2/keys/" + quote(key.strip("/"))


def _touches(changed: str, key: str) -> bool:
    """A folder that goes takes along what is below it."""
    return at_or_below(changed, key) or at_or_below(key, changed)


def _is_missing(reply: Reply) -> bool:
    if reply.status != 404:  # noqa: PLR2004
        return False
    if b"errorCode" not in reply.body:
        raise Mistake("etcd has no v2 API here: start it with --enable-v2, or use -backend etcdv3")
    return bool(reply.json()["errorCode"] == NO_SUCH_KEY)


def _checked(reply: Reply) -> Any:
    if reply.status in (401, 403):
        raise Mistake(f"etcd refuses us: {reply.body.decode(errors='replace').strip()}")
    if reply.status >= 400:  # noqa: PLR2004
        raise Unavailable(f"etcd: {reply.status} {reply.body.decode(errors='replace').strip()}")
    return reply.json()


def _leaves(node: dict[str, Any]) -> dict[str, str]:
    return dict(_walk(node))


def _walk(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if node.get("dir"):
        for below in node.get("nodes", ()):
            yield from _walk(below)
    else:
        yield node["key"], node["value"]


def make(config: Config) -> EtcdV2:
    login = config.source.login
    headers = basic(login.username, login.password) if login.basic_auth else {}
    return EtcdV2(Nodes(config.source, headers))
