"""Discovery tokens: folders through which the members of a new etcd cluster find each other.

A token has its size at `_config/size`; each member puts itself beside it (etcd's
`Documentation/dev-internal/discovery_protocol.md`). Whoever comes after the last is refused by
its own etcd, which reads the same keys.
"""

import re
import secrets

import msgspec

from bootstrapper.errors import Mistake, Refused, Unknown
from bootstrapper.kv.store import ABSENT, Clear, Keys, Put
from bootstrapper.kv.v2.records import Places
from bootstrapper.kv.v2.request import read_path

SIZE = "_config/size"
MOST = 1000
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Member(msgspec.Struct, frozen=True):
    """`urls` as it announced itself: name=peer URL, several with commas."""

    id: str
    urls: str


class Token(msgspec.Struct, frozen=True):
    token: str
    size: int
    members: tuple[Member, ...]


def create(store: Keys, places: Places, folder: str, size: int) -> str:
    """A new token for a cluster of so many members."""
    if not 1 <= size <= MOST:
        raise Mistake(f"a cluster has 1 to {MOST} members", field="size")
    token = secrets.token_hex(16)
    key = f"{_key(places, folder, token)}/{SIZE}"
    if store.write((Put(key, str(size)),), {key: ABSENT}) is None:
        raise Refused(f"{key} is there already")
    return token


def show(store: Keys, places: Places, folder: str, token: str) -> Token:
    key = f"{_key(places, folder, token)}/"
    found = store.read(key).values
    size = found.get(f"{key}{SIZE}", "")
    if not size.isdecimal():
        raise Unknown(f"no token {token}")
    members = (
        Member(name.removeprefix(key), value)
        for name, value in sorted(found.items())
        if not name.removeprefix(key).startswith("_")
    )
    return Token(token, int(size), tuple(members))


def remove(store: Keys, places: Places, folder: str, token: str) -> None:
    """The cluster that was formed by it needs it no more; nobody can join by it any more."""
    show(store, places, folder, token)
    path = _path(folder, token)
    names = (places.key, places.extra, places.folder, places.order)
    store.write([Clear(f"{name(path)}/") for name in names])
    store.delete(places.folder(path))


def url_of(base: str, folder: str, token: str) -> str:
    """What etcd's --discovery is given."""
    return f"{base.rstrip('/')}/v2/keys{_path(folder, token)}"


def _key(places: Places, folder: str, token: str) -> str:
    key = places.key(_path(folder, token))
    if places.is_own(key):
        raise Mistake(f"{folder!r} is not for others", field="etcd2.discovery")
    return key


def _path(folder: str, token: str) -> str:
    if not _TOKEN.fullmatch(token):
        raise Mistake(f"{token!r} is no token", field="token")
    return f"{read_path(folder.encode()).rstrip('/')}/{token}"
