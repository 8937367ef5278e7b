"""The keys of the settings' own store: kv get, put, delete, ls. They speak to it directly."""

import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING

import msgspec

from bootstrapper.cli.command import Command, Session
from bootstrapper.cli.telling.lines import Line, clean
from bootstrapper.errors import Mistake, Unknown

if TYPE_CHECKING:
    from bootstrapper.kv.store import Keys

STDIN = "-"


class Pair(msgspec.Struct, frozen=True):
    """A key and its value; bytes that are not UTF-8 are shown as U+FFFD."""

    key: str
    value: str


def checked(key: str) -> str:
    """Templates name their keys from the root: one without the `/` would be seen by none."""
    if not key.startswith("/"):
        raise Mistake(f"a key begins with /: did you mean /{key}?", field="key")
    return key


def below(values: dict[str, str], path: str) -> dict[str, str]:
    """Those at `path` and below it, by whole parts: /web has /web/a, not /webs."""
    whole = path.rstrip("/")
    return {k: v for k, v in sorted(values.items()) if k == whole or k.startswith(whole + "/")}


def _get(session: Session) -> int:
    """The value alone and a line's end, for scripts."""
    key = checked(session.args.key)
    found = _store(session).look(key)
    if found is None:
        raise Unknown(f"no key {key}")
    pair = _shown(key, found.value)
    if session.out.json:
        session.out.data(pair)
    else:
        session.out.bytes(found.value.encode(errors="surrogateescape") + b"\n")
    return 0


def _put(session: Session) -> int:
    key, value = checked(session.args.key), session.args.value
    if value == STDIN:
        value = sys.stdin.buffer.read().decode(errors="surrogateescape")
    revision = _store(session).put(key, value)
    session.out.done({"key": key, "revision": revision}, f"{key} is put, revision {revision}")
    return 0


def _delete(session: Session) -> int:
    key, store = checked(session.args.key), _store(session)
    if session.args.below:
        return _delete_below(session, store, key)
    if store.look(key) is None:
        raise Unknown(f"no key {key}")
    revision = store.delete(key)
    session.out.done({"key": key, "revision": revision}, f"{key} is deleted, revision {revision}")
    return 0


def _delete_below(session: Session, store: "Keys", key: str) -> int:
    path = key.rstrip("/") + "/"
    count = len(store.read(path).values)
    revision = store.clear(path)
    done = {"key": path, "keys": count, "revision": revision}
    session.out.done(done, f"{count} keys below {path} are deleted, revision {revision}")
    return 0


def _ls(session: Session) -> int:
    path = checked(session.args.key)
    found = below(dict(_store(session).read(path.rstrip("/")).values), path)
    pairs = tuple(_shown(key, value) for key, value in found.items())
    session.out.show(pairs, lambda them: (Line(clean(f"{x.key} = {x.value}")) for x in them))
    return 0


def _shown(key: str, value: str) -> Pair:
    raw = (text.encode(errors="surrogateescape") for text in (key, value))
    return Pair(*(text.decode(errors="replace") for text in raw))


def _store(session: Session) -> "Keys":
    from bootstrapper.kv.open import open_store

    return open_store(session.settings)


def _key(parser: ArgumentParser) -> None:
    parser.add_argument("key", metavar="KEY", help="/services/web/web-1")


def _key_and_value(parser: ArgumentParser) -> None:
    _key(parser)
    parser.add_argument("value", metavar="VALUE", help=f"{STDIN}: what stands on stdin, as it is")


def _key_or_all(parser: ArgumentParser) -> None:
    _key(parser)
    parser.add_argument(
        "--below", action="store_true", help="all keys below it, in one step, instead of itself"
    )


def _path(parser: ArgumentParser) -> None:
    parser.add_argument("key", metavar="PATH", nargs="?", default="/", help="all keys unless given")


COMMANDS = (
    Command(
        name="kv",
        summary="the keys that templates read: get, put, delete, ls",
        parts=(
            Command(name="get", summary="print the value of a key", arguments=_key, run=_get),
            Command(name="put", summary="give a key a value", arguments=_key_and_value, run=_put),
            Command(name="delete", summary="delete a key", arguments=_key_or_all, run=_delete),
            Command(name="ls", summary="list keys and values", arguments=_path, run=_ls),
        ),
    ),
)
