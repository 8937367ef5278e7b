"""The tree that v2 shows, made from the store's flat keys and kept up with what changes.

A key with keys below it is a folder. A folder that a request made is there until a request
deletes it; one that only others' keys made goes with the last of them. No IO; not for two threads.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from bootstrapper.kv.store import Entry
from bootstrapper.kv.v2.records import DIRS, KEYS, ORDER, SHADOW, Extra, Places

_EXTRA = msgspec.json.Decoder(Extra)


class Node:
    """What is at a path: a key, a folder, or (others' doing) a folder that hides a key."""

    __slots__ = ("children", "entry", "extra", "folder", "folder_at")

    def __init__(self) -> None:
        self.children: dict[str, Node] = {}
        self.entry: Entry | None = None
        self.extra = Extra()
        self.folder: Extra | None = None
        self.folder_at = 0

    @property
    def dir(self) -> bool:
        return self.folder is not None or bool(self.children)

    @property
    def revision(self) -> int:
        """Of the key; 0 when it is not there."""
        return self.entry.revision if self.entry else 0

    @property
    def known(self) -> Extra:
        """What v2 knows beyond the key."""
        return (self.folder or Extra()) if self.dir else self.extra

    @property
    def created(self) -> int:
        return self.known.created or self._written()

    @property
    def modified(self) -> int:
        return self.known.modified or self._written()

    @property
    def expires(self) -> float:
        return self.known.expires

    def _written(self) -> int:
        if not self.dir:
            return self.revision
        if self.folder is not None:
            return self.folder_at
        return min(child._written() for child in self.children.values())


class Tree:
    def __init__(self, places: Places) -> None:
        self.places = places
        self.root = Node()
        self.root.folder = Extra()
        self.orders: dict[str, Entry] = {}
        """Of folders with keys in order: the number that was given last."""
        self._due: list[tuple[float, str]] = []

    def find(self, path: str) -> Node | None:
        node: Node | None = self.root
        for part in parts(path):
            node = node.children.get(part) if node else None
        return node

    def apply(self, put: Mapping[str, Entry], gone: Iterable[str]) -> None:
        """One step of the store, or several."""
        for key in gone:
            if key.startswith("/"):
                self._set(key, None)
        touched = [
            self._set(key, put[key]) for key in sorted(put, key=_is_shadow) if key.startswith("/")
        ]
        for path in set(touched):
            node = self.find(path) if path else None
            if node is not None and path and node.expires:
                heapq.heappush(self._due, (node.expires, path))

    def next_due(self) -> tuple[float, str] | None:
        """When the next node's time is over, and which it is."""
        while self._due:
            expires, path = self._due[0]
            node = self.find(path)
            if node is not None and node.expires == expires:
                return expires, path
            heapq.heappop(self._due)
        return None

    def keys(self) -> Iterator[str]:
        """Of the store, all that the tree is made from."""
        yield from self.orders
        yield from _keys(self.root, "/", self.places)

    def _set(self, key: str, entry: Entry | None) -> str | None:
        kind = next(each for each in (KEYS, DIRS, ORDER, "") if key.startswith(f"{each}/"))
        path = self.places.path(key[len(kind) :])
        if path is None or kind == ORDER:
            self._set_order(key, entry)
            return None
        node = self._made(path) if entry and kind != KEYS else self.find(path)
        if node is not None:
            _SETTERS[kind](node, entry)
            self._prune(path)
        return path

    def _set_order(self, key: str, entry: Entry | None) -> None:
        if entry is None:
            self.orders.pop(key, None)
        elif key.startswith(f"{ORDER}/"):
            self.orders[key] = entry

    def _made(self, path: str) -> Node:
        node = self.root
        for part in parts(path):
            node = node.children.setdefault(part, Node())
        return node

    def _prune(self, path: str) -> None:
        """A node of which nothing is left goes, and its parents with it."""
        way = [self.root]
        names = parts(path)
        for part in names:
            way.append(way[-1].children[part])
        for name, parent, node in zip(reversed(names), way[-2::-1], way[:0:-1], strict=True):
            if node.children or node.entry is not None or node.folder is not None:
                return
            del parent.children[name]


def parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


def parents(path: str) -> list[str]:
    """Of /a/b/c: /a and /a/b."""
    names = parts(path)
    return ["/" + "/".join(names[:count]) for count in range(1, len(names))]


def joined(path: str, name: str) -> str:
    return f"{path.rstrip('/')}/{name}"


def _keys(node: Node, path: str, places: Places) -> Iterator[str]:
    if node.entry is not None:
        yield places.key(path)
    if node.extra != Extra():
        yield places.extra(path)
    if node.folder is not None and path != "/":
        yield places.folder(path)
    for name, child in node.children.items():
        yield from _keys(child, joined(path, name), places)


def _is_shadow(key: str) -> bool:
    return key.startswith(SHADOW)


def _set_entry(node: Node, entry: Entry | None) -> None:
    node.entry, node.extra = entry, Extra()


def _set_extra(node: Node, entry: Entry | None) -> None:
    """What was written in another step than the key is void."""
    node.extra = _decoded(entry) if entry and entry.revision == node.revision else Extra()


def _set_folder(node: Node, entry: Entry | None) -> None:
    node.folder, node.folder_at = (_decoded(entry), entry.revision) if entry else (None, 0)


_SETTERS = {KEYS: _set_extra, DIRS: _set_folder, "": _set_entry}


def _decoded(entry: Entry) -> Extra:
    """Somebody may have written there by hand: then it says nothing."""
    try:
        return _EXTRA.decode(entry.value.encode(errors="surrogateescape"))
    except msgspec.MsgspecError:
        return Extra()
