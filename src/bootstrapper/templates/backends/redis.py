"""Redis: a string is a key, a hash is a folder; changes by keyspace notifications.

Where `notify-keyspace-events` tells of less than that we look every interval instead.
"""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import redis

from bootstrapper.errors import Mistake, Unavailable
from bootstrapper.lifecycle import Stop
from bootstrapper.templates.backends.redis_nodes import database, dial
from bootstrapper.templates.backends.redis_values import Names, read_values
from bootstrapper.templates.confd.config import Config, Source
from bootstrapper.templates.paths import at_or_below

logger = logging.getLogger(__name__)
KINDS = "g$hx"
"""What must be told: deletions, strings, hashes, and keys whose time is over; or A, all kinds."""
LOOK, PING, DEAD = 0.5, 2.0, 6.0
"""Seconds: between looks at `stop`; of quiet until a ping; of quiet until the link is given up."""


class Redis:
    watches = True

    def __init__(self, source: Source, interval: float) -> None:
        self._source = source
        self._interval = interval
        self._names = Names(source.separator)
        self._client: Any = None
        self._own = threading.local()
        """Each thread's subscriptions: two that wait must not take each other's messages."""

    def values(self, keys: Sequence[str]) -> dict[str, str]:
        with self._translated():
            return read_values(self._dialled(), self._names, keys)

    def wait(self, prefix: str, keys: Sequence[str], since: int, stop: Stop) -> int:
        """The index counts what was heard in this thread."""
        place = (prefix, *keys)
        heard = self._subscriptions().get(place)
        with self._translated(place):
            if heard is None or not since:
                self._listen(place, heard)
                return since + 1
            if heard == "silent":
                return since if stop.wait(self._interval) else since + 1
            return since + 1 if self._hears(heard, keys, stop) else since

    def _is_empty(self) -> bool:
        return int(self._dialled().dbsize()) == 0

    def _subscriptions(self) -> dict[tuple[str, ...], Any]:
        found: dict[tuple[str, ...], Any] = self._own.__dict__.setdefault("heard", {})
        return found

    def _listen(self, place: tuple[str, ...], heard: Any) -> None:
        """Subscribed before it returns: what changes from now on is heard at the next wait."""
        client = self._dialled()
        if not _notifies(client):
            logger.warning("redis: notify-keyspace-events has not all of Kg$hx: looking every %g s",
                           self._interval)  # fmt: skip
            self._subscriptions()[place] = "silent"
            return
        if heard is None or heard == "silent":
            heard = client.pubsub()
            heard.psubscribe(f"__keyspace@{database(client)}__:{self._names.pattern(place[0])}")
            if heard.get_message(timeout=DEAD) is None:
                raise redis.TimeoutError("no answer to a subscription")
        self._subscriptions()[place] = heard

    def _hears(self, heard: Any, keys: Sequence[str], stop: Stop) -> bool:
        """False when told to stop. Of a database that is flushed Redis tells nobody: it is looked
        whether it is empty now, and after an interval without a word all is read again.
        """
        begun = last = asked = time.monotonic()
        was_empty = self._is_empty()
        while not stop.is_set():
            message = heard.get_message(timeout=LOOK)
            now = time.monotonic()
            if message is not None:
                last = now
                if message["type"] == "pmessage" and self._matters(message["channel"], keys):
                    return True
            elif now - begun > self._interval:
                return not stop.is_set()
            elif now - last > DEAD:
                raise redis.TimeoutError("the link is dead")
            elif now - max(last, asked) > PING:
                asked = now
                heard.ping()
                if not was_empty and self._is_empty():
                    return True
        return False

    def _matters(self, channel: str, keys: Sequence[str]) -> bool:
        """A hash is told by its own name: it may be above the key that is wanted."""
        changed = self._names.key(channel.partition(":")[2])
        wanted = [key.replace("/*", "") for key in keys]
        return any(at_or_below(changed, key) or at_or_below(key, changed) for key in wanted)

    def _dialled(self) -> Any:
        if self._client is None:
            self._client = dial(self._source)
        return self._client

    @contextmanager
    def _translated(self, place: tuple[str, ...] = ()) -> Iterator[None]:
        try:
            yield
        except (redis.AuthenticationError, redis.exceptions.NoPermissionError) as error:
            raise Mistake(f"redis refuses us: {error}", field="password") from error
        except redis.RedisError as error:
            self._client = None
            if dead := self._subscriptions().pop(place, None):
                _close(dead)
            raise Unavailable(f"redis: {error}") from error


def _close(heard: Any) -> None:
    if heard != "silent":
        heard.close()


def _notifies(client: Any) -> bool:
    """Where CONFIG is not for us to call, we trust that somebody has turned them on."""
    try:
        found = client.config_get("notify-keyspace-events")
    except redis.ResponseError:
        return True
    flags = found.get("notify-keyspace-events", "")
    return "K" in flags and ("A" in flags or set(KINDS) <= set(flags))


def make(config: Config) -> Redis:
    return Redis(config.source, float(config.interval))
