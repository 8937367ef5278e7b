"""ZooKeeper, by kazoo: nodes without children are keys; watches wake, what is there decides."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from kazoo.client import KazooClient
from kazoo.exceptions import AuthFailedError, KazooException, NoAuthError, NoNodeError
from kazoo.handlers.threading import KazooTimeoutError

from bootstrapper.errors import Mistake, Unavailable
from bootstrapper.lifecycle import Stop
from bootstrapper.templates.backends.port import nothing_to_hear
from bootstrapper.templates.confd.config import Config
from bootstrapper.templates.paths import join

CONNECT, READ, LOOK = 3.0, 3.0, 0.25
"""Seconds."""
_AGAIN = {"max_tries": -1, "delay": 0.1, "backoff": 2, "max_delay": 2.0}

Watch = Callable[[object], None]


class ZooKeeper:
    watches = True

    def __init__(self, hosts: str) -> None:
        self._hosts = hosts
        self._starting = threading.Lock()
        self._client: Any = None
        self._news = threading.Condition()
        self._heard = 0

    def values(self, keys: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        with self._translated():
            for key in keys:
                for path, data, _ in self._leaves(_place(key), None):
                    found[path] = (data or b"").decode(errors="surrogateescape")
        return found

    def wait(self, prefix: str, keys: Sequence[str], since: int, stop: Stop) -> int:
        """The index stands for the nodes and their versions, whichever thread asks."""
        if not keys:
            return nothing_to_hear(since, stop)
        while not stop.is_set():
            with self._news:
                heard = self._heard
            with self._translated():
                seen = self._seen(keys)
            if seen != since:
                return seen
            self._rest(heard, stop)
        return since

    def _rest(self, heard: int, stop: Stop) -> None:
        """Until any watch fires, told to stop, or the link is lost."""
        with self._news:
            while self._heard == heard and not stop.is_set():
                if not self._client.connected:
                    raise Unavailable(f"zookeeper {self._hosts}: the link is lost")
                self._news.wait(LOOK)

    def _woken(self, _event: object) -> None:
        with self._news:
            self._heard += 1
            self._news.notify_all()

    def _seen(self, keys: Sequence[str]) -> int:
        marks = []
        for key in keys:
            for path, _, stat in self._nodes(_place(key), self._woken):
                marks.append((path, stat.mzxid, stat.pzxid))
        return abs(hash(tuple(marks))) or 1

    def _leaves(self, path: str, watch: Watch | None) -> Iterator[tuple[str, bytes, Any]]:
        return ((path, data, stat) for path, data, stat in self._nodes(path, watch)
                if not stat.numChildren)  # fmt: skip

    def _nodes(self, path: str, watch: Watch | None) -> Iterator[tuple[str, bytes, Any]]:
        """The node and all below. One that goes meanwhile is left out."""
        client = self._connected()
        try:
            data, stat = client.get_async(path, watch=watch).get(timeout=READ)
            children = client.get_children_async(path, watch=watch).get(timeout=READ)
        except NoNodeError:
            if watch is not None:
                client.exists_async(path, watch=watch).get(timeout=READ)
            return
        yield path, data, stat
        for child in sorted(children):
            yield from self._nodes(join(path, child), watch)

    def _connected(self) -> Any:
        with self._starting:
            if self._client is None:
                client = KazooClient(
                    hosts=self._hosts, timeout=4.0, connection_retry=_AGAIN, read_only=True
                )
                client.add_listener(self._woken)
                client.start_async()
                self._client = client
            client = self._client
        with self._news:
            if not self._news.wait_for(lambda: client.connected, CONNECT):
                raise Unavailable(f"zookeeper {self._hosts}: no answer")
        return client

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (AuthFailedError, NoAuthError) as error:
            raise Mistake(f"zookeeper refuses us: {error!r}") from error
        except (KazooException, KazooTimeoutError) as error:
            raise Unavailable(f"zookeeper {self._hosts}: {error!r}") from error


def _place(key: str) -> str:
    return join("/", key.replace("/*", ""))


def make(config: Config) -> ZooKeeper:
    if not config.source.nodes:
        raise Mistake("no node of zookeeper: use -node", field="node")
    return ZooKeeper(",".join(config.source.nodes))
