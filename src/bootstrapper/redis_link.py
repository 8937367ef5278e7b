"""The connection to Redis, and the translation of its failures.

Every call may be repeated by the client after a cut connection: what is written through it must
be idempotent (ids, numbers and nonces see to that).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import redis
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.exceptions import NoScriptError
from redis.retry import Retry
from redis.sentinel import Sentinel

from bootstrapper.errors import Mistake, Refused, Unavailable
from bootstrapper.secret import read_secret_value
from bootstrapper.settings import Settings

SENTINEL_PORT = 26379
_PASSING = (
    redis.ReadOnlyError,
    redis.OutOfMemoryError,
    NoScriptError,  # it was started again between our loading a script and calling it
)
_PASSING_WORDS = re.compile(r"\b(LOADING|READONLY|MISCONF|OOM|BUSY|NOREPLICAS|MASTERDOWN)\b")

Client = Any
"""A `redis.Redis` that answers in bytes; redis-py's own annotations cannot tell bytes from text."""


def connect(settings: Settings, url: str, *, timeout: float | None = 5.0) -> Client:
    """A client for `url` (redis://, rediss://, unix:// or sentinel://); connects at first use.

    `timeout`: seconds for an answer; None where a blocking call brings its own.
    """
    part = settings.redis
    options = {
        "socket_timeout": timeout,
        "socket_connect_timeout": 2.0,
        "health_check_interval": 0,
        "retry": Retry(ExponentialBackoff(cap=0.5, base=0.02), 4),
        "retry_on_error": [redis.ConnectionError, redis.TimeoutError],
        "username": part.username or None,
        "password": read_secret_value("redis.password", part.password) if part.password else None,
    }
    try:
        return _client(url, options)
    except ValueError as error:
        raise Mistake(f"redis.url: {error}", field="redis.url") from error


def _client(url: str, options: dict[str, Any]) -> Client:
    parts = urlsplit(url)
    if parts.password:
        raise Mistake("redis.url: a password in a URL is seen by everybody; use redis.password")
    if parts.scheme != "sentinel":
        return redis.Redis.from_url(url, **options)
    hosts = [_host_port(each) for each in parts.netloc.split(",") if each]
    name, _, database = parts.path.strip("/").partition("/")
    if not hosts or not name:
        raise Mistake("redis.url: sentinel://host:port,host:port/name is expected")
    # asked once each: the client of the master tries again, and its tries would multiply
    asking = {"socket_timeout": 2.0, "socket_connect_timeout": 2.0, "retry": Retry(NoBackoff(), 0)}
    sentinel: Any = Sentinel(hosts, sentinel_kwargs=asking)  # type: ignore[no-untyped-call]
    return sentinel.master_for(name, db=int(database or 0), **options)


def _host_port(text: str) -> tuple[str, int]:
    host, _, port = text.partition(":")
    return host, int(port or SENTINEL_PORT)


@contextmanager
def translated(what: str) -> Iterator[None]:
    """redis-py's errors become ours: `what` is what was being done, for people."""
    try:
        yield
    except redis.AuthenticationError as error:
        raise Refused(f"{what}: Redis refused the password: redis.password") from error
    except (redis.ConnectionError, redis.TimeoutError) as error:
        raise Unavailable(f"{what}: Redis is away ({type(error).__name__})") from error
    except redis.ResponseError as error:
        if isinstance(error, _PASSING) or _PASSING_WORDS.search(str(error)):
            raise Unavailable(f"{what}: Redis takes nothing now ({error})") from error
        raise Refused(f"{what}: Redis refused ({error})") from error
    except redis.RedisError as error:
        raise Unavailable(f"{what}: {error}") from error
