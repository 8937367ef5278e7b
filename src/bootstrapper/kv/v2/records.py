"""Where in the store things are, and what v2 keeps beside the keys themselves.

A key is the store's own, seen by everybody. What only v2 knows (when it was made, until when it
lives, that a folder is there though empty, what happened) is below `SHADOW`, written in the same
step as the key: what was written in another step is of an earlier life of the key and void.
"""

import re

import msgspec

from bootstrapper.errors import Mistake

SHADOW = "/bootstrapper/etcd2"
OWN = "/bootstrapper"
"""What is ours in the store: neither shown nor written for callers of v2."""
LONG = 4096  # letters of a value: longer ones are not told again by the record of what was done
DEEPEST = 100  # parts of a key that others put
STEP = 1000
"""Indexes of one revision: others may change several keys in one step, and each is an event."""
_ODD = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class Extra(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of a key or a folder. Revisions where they are not that of the last write; Unix seconds."""

    created: int = 0
    modified: int = 0
    expires: float = 0.0
    lease: str = ""


class Last(msgspec.Struct, frozen=True, omit_defaults=True):
    """A node as it was when something happened to it. `cut`: its value was too long to repeat."""

    dir: bool = False
    value: str | None = None
    created: int = 0
    modified: int = 0
    expires: float = 0.0
    ttl: int = 0
    cut: bool = False


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a request did; its revision is that of its key. `created` 0: at that revision."""

    id: str
    action: str
    key: str
    node: Last
    prev: Last | None = None
    refresh: bool = False


class Places(msgspec.Struct, frozen=True):
    """`prefix` is the store's folder that v2 shows as `/`: "" or `/site`; `own` is not shown."""

    prefix: str = ""
    own: tuple[str, ...] = (OWN,)

    def key(self, path: str) -> str:
        return self.prefix + (path if path != "/" else "")

    def extra(self, path: str) -> str:
        return f"{SHADOW}/keys{self.key(path)}"

    def folder(self, path: str) -> str:
        return f"{SHADOW}/dirs{self.key(path)}"

    def order(self, path: str) -> str:
        return f"{SHADOW}/order{self.key(path)}"

    def path(self, key: str) -> str | None:
        """None for what v2 does not show: elsewhere, ours, or no path that it could name."""
        if not key.startswith(f"{self.prefix}/") or self.is_own(key) or _ODD.search(key):
            return None
        path = key[len(self.prefix) :]
        parts = path[1:].split("/")
        odd = len(parts) > DEEPEST or any(part in ("", ".", "..") for part in parts)
        return None if odd else path

    def is_own(self, key: str) -> bool:
        return any(key == own or key.startswith(f"{own}/") for own in self.own)

    def holds_own(self, path: str) -> bool:
        """Whether something of ours is at this path, above it or below it."""
        key = self.key(path)
        return self.is_own(key) or any(own.startswith(f"{key}/") for own in self.own)


def places(prefix: str, own: tuple[str, ...] = ()) -> Places:
    """Raises Mistake for a folder that is ours."""
    parts = [part for part in prefix.split("/") if part]
    folder = "".join(f"/{part}" for part in parts)
    made = Places(folder, (OWN, *(each.rstrip("/") for each in own if each.rstrip("/"))))
    if made.is_own(folder) or _ODD.search(folder) or {".", ".."} & set(parts):
        raise Mistake(f"{prefix!r} is not for others", field="etcd2.prefix")
    return made


def index_of(revision: int, number: int = 0) -> int:
    """v2's index of the event of this number at a revision."""
    return revision * STEP + min(number, STEP - 1)


def revision_of(index: int) -> int:
    return index // STEP


EVENTS = f"{SHADOW}/events/"
KEYS = f"{SHADOW}/keys"
DIRS = f"{SHADOW}/dirs"
ORDER = f"{SHADOW}/order"
