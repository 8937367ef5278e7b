"""The two real servers of a key-value store, alike for tests, and how a test hears of changes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from bootstrapper.kv.open import open_store
from bootstrapper.kv.store import Change, Keys
from bootstrapper.settings import Kv, Settings
from support.etcd import Etcd
from support.eventually import eventually
from support.redis import RedisServer


class Server(Protocol):
    url: str
    """As `kv.url` names it."""

    def store(self) -> Keys:
        """Another client of it."""
        ...

    def start(self) -> object: ...

    def kill(self) -> None: ...

    def stop(self) -> None: ...


class EtcdKeys:
    def __init__(self, folder: Path) -> None:
        self.etcd = Etcd(folder)
        self.url = f"etcd://{self.etcd.address}"

    def store(self) -> Keys:
        return open_store(Settings(kv=Kv(url=self.url)))

    def start(self) -> None:
        self.etcd.start()

    def kill(self) -> None:
        self.etcd.kill()

    def stop(self) -> None:
        self.etcd.stop()


class RedisKeys:
    def __init__(self, folder: Path, history: int = 10_000) -> None:
        self.redis = RedisServer(folder)
        self.url = self.redis.url
        self._kv = Kv(url=self.url, history=history)

    def store(self) -> Keys:
        return open_store(Settings(kv=self._kv))

    def start(self) -> None:
        self.redis.start()

    def kill(self) -> None:
        self.redis.kill()

    def stop(self) -> None:
        self.redis.stop()


SERVERS: dict[str, Callable[[Path], Server]] = {"etcd": EtcdKeys, "redis": RedisKeys}


class Hearing:
    """All that a watch has told up to now, gathered in a thread; `error` is what ended it."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.changes: list[Change] = []
        self.error: Exception | None = None
        self.ended = threading.Event()

    @property
    def values(self) -> dict[str, str]:
        """What somebody knows who heard only this."""
        known: dict[str, str] = {}
        for change in list(self.changes):
            known.update(change.put)
            for key in change.gone:
                known.pop(key, None)
        return known

    @property
    def gone(self) -> set[str]:
        return {key for change in list(self.changes) for key in change.gone}

    def run(self, store: Keys, prefix: str, since: int) -> None:
        try:
            for change in store.changes(prefix, since, self.stop):
                self.changes.append(change)
        except Exception as error:  # noqa: BLE001 (the test judges it)
            self.error = error
        self.ended.set()


@contextmanager
def hearing(store: Keys, prefix: str, since: int) -> Iterator[Hearing]:
    """A watch that stands when the block begins, unless it has failed."""
    heard = Hearing()
    thread = threading.Thread(target=heard.run, args=(store, prefix, since))
    thread.start()
    try:
        eventually(lambda: heard.changes or heard.ended.is_set(), what="the watch stands")
        yield heard
    finally:
        heard.stop.set()
        thread.join(10)
        assert not thread.is_alive(), "the watch does not end when told to"
