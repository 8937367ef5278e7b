"""The store that the settings name: made here, connected at first use."""

from pathlib import Path

import msgspec

from bootstrapper.errors import Mistake
from bootstrapper.kv.store import Keys
from bootstrapper.secret import read_secret_value
from bootstrapper.settings import Kv, Settings

ETCD_PORT = 2379
LISTEN_SECONDS = 2.0
"""For an answer of Redis to a watcher; twice that, and a cut link is known."""
_ETCD = ("etcd://", "http://", "https://")
_REDIS = ("redis://", "rediss://", "unix://", "sentinel://")


def open_store(settings: Settings) -> Keys:
    """etcd, or the Redis that `kv.url` names; the one that jobs use when it names none."""
    url = settings.kv.url
    if url.startswith(_ETCD):
        return _etcd(settings.kv)
    if url and not url.startswith(_REDIS):
        raise Mistake(f"kv.url: {url!r} is neither etcd's nor Redis'", field="kv.url")
    return _redis(settings)


def endpoints(url: str, *, tls: bool) -> tuple[str, ...]:
    """`etcd://a,b:2379` or `http://a:2379,http://b:2379`, as what to call; a port may be left out.

    `etcd://` is HTTPS when certificates are set. What one endpoint names is so for the next too.
    """
    scheme, found = "https://" if tls else "http://", []
    for part in filter(None, (each.strip() for each in url.split(","))):
        named, separator, host = part.rpartition("://")
        host = host.rstrip("/")
        if separator and named in ("http", "https"):
            scheme = f"{named}://"
        if not host or "@" in host or "/" in host:
            raise Mistake("kv.url: etcd://host:port,host:port is expected", field="kv.url")
        port = "" if ":" in host.rpartition("]")[2] else f":{ETCD_PORT}"  # not IPv6's colons
        found.append(f"{scheme}{host}{port}")
    return tuple(found)


def _etcd(kv: Kv) -> Keys:
    from bootstrapper.kv.etcd import EtcdStore  # noqa: PLC0415 (urllib3: only who needs it)
    from bootstrapper.kv.etcd_auth import Login  # noqa: PLC0415
    from bootstrapper.kv.etcd_http import Gateway, Tls  # noqa: PLC0415

    for name, file in (("ca", kv.ca), ("certificate", kv.certificate), ("key", kv.key)):
        if file and not Path(file).is_file():
            raise Mistake(f"kv.{name}: {file} is not a file", field=f"kv.{name}")
    password = read_secret_value("kv.password", kv.password) if kv.password else ""
    return EtcdStore(
        Gateway(
            endpoints(kv.url, tls=bool(kv.ca or kv.certificate)),
            tls=Tls(kv.ca, kv.certificate, kv.key),
            login=Login(kv.username, password) if kv.username else None,
            try_seconds=kv.try_timeout,
            seconds=kv.timeout,
        )
    )


def _redis(settings: Settings) -> Keys:
    from redis.backoff import ExponentialBackoff  # noqa: PLC0415 (redis: only who needs it)
    from redis.retry import Retry  # noqa: PLC0415

    from bootstrapper.kv.redis import RedisStore  # noqa: PLC0415
    from bootstrapper.redis_link import connect  # noqa: PLC0415

    kv = settings.kv
    url = kv.url or settings.redis.url or f"unix://{settings.state_dir / 'redis' / 'redis.sock'}"
    if kv.url:
        own = msgspec.structs.replace(settings.redis, username=kv.username, password=kv.password)
        settings = msgspec.structs.replace(settings, redis=own)
    client = connect(settings, url, timeout=max(kv.try_timeout, 1.0))
    listener = connect(settings, url, timeout=LISTEN_SECONDS)
    listener.set_retry(Retry(ExponentialBackoff(cap=0.1, base=0.02), 1))
    return RedisStore(client, listener, f"{settings.redis.prefix}kv:", history=kv.history)
