"""The first Redis node that answers: host:port, host:port/database, a socket's path, or a URL."""

import os
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bootstrapper.errors import Mistake
from bootstrapper.templates.confd.config import Source

SECONDS = 2.0


def dial(source: Source) -> Any:
    """A client that has answered; a RedisError, of the last node, when none does."""
    if not source.nodes:
        raise Mistake("no node of redis: use -node", field="node")
    trouble: redis.RedisError | None = None
    for node in source.nodes:
        client = _client(node, source)
        try:
            client.ping()
        except (redis.AuthenticationError, redis.exceptions.NoPermissionError):
            raise
        except redis.RedisError as error:
            trouble = error
            continue
        return client
    assert trouble is not None
    raise trouble


def database(client: Any) -> int:
    return int(client.connection_pool.connection_kwargs.get("db") or 0)


def _client(node: str, source: Source) -> Any:
    """confd gives the password as -client-key; -password is the better name for it."""
    login, tls = source.login, source.tls
    secure = node.startswith("rediss://")
    options: dict[str, Any] = {
        "username": login.username or None,
        "password": login.password or ("" if secure else tls.key) or None,
        "socket_timeout": SECONDS,
        "socket_connect_timeout": SECONDS,
        "retry": Retry(NoBackoff(), 1),
        "decode_responses": True,
        "encoding_errors": "surrogateescape",
    }
    if secure:
        options |= {"ssl_ca_certs": tls.ca or None, "ssl_certfile": tls.cert or None,
                    "ssl_keyfile": tls.key or None}  # fmt: skip
        options |= {"ssl_cert_reqs": "none", "ssl_check_hostname": False} if tls.insecure else {}
    try:
        return redis.Redis.from_url(_url(node), **options)
    except ValueError as error:
        raise Mistake(f"node {node!r}: {error}", field="node") from error


def _url(node: str) -> str:
    if "://" in node:
        return node
    place, slash, number = node.rpartition("/")
    numbered = slash and number.isdecimal() and not os.path.exists(node)
    place, number = (place, number) if numbered else (node, "0")
    if place.startswith(("/", ".")):
        return f"unix://{os.path.abspath(place)}?db={number}"
    return f"redis://{place}/{number}"
