"""What a change of the store means to v2's watchers: its records, and what others did to keys.

Pure. A request's record tells all about what it did; whatever else changed was done by others (a
`kv put`, the fleet's registrations) and is told as set and delete.
"""

from collections.abc import Iterator, Mapping

import msgspec

from bootstrapper.kv.store import Entry
from bootstrapper.kv.v2.records import EVENTS, Last, Record
from bootstrapper.kv.v2.tree import Tree, parents
from bootstrapper.kv.v2.views import Happened, happened, last_of

_RECORD = msgspec.json.Decoder(Record)
DROPS = ("delete", "expire", "compareAndDelete")


def digest(
    tree: Tree, put: Mapping[str, Entry], gone: frozenset[str], revision: int, now: float
) -> list[Happened]:
    """`tree` as it was before; in the order of revisions, and what went last."""
    told = [(at, _whole(tree, put, at, record)) for at, record in _records(put)]
    done = {(at, record.key) for at, record in told}
    dropped = {record.key for _, record in told if record.action in DROPS}
    others = [
        (entry.revision, _set(tree, path, entry, now))
        for key, entry in put.items()
        if (path := tree.places.path(key)) and (entry.revision, path) not in done
    ]
    lost = [
        (revision, _gone(tree, path, now))
        for key in gone
        if (path := tree.places.path(key)) and not dropped & {path, *parents(path)}
    ]
    return list(_numbered(sorted([*told, *others], key=_by_place) + sorted(lost, key=_by_place)))


def _records(put: Mapping[str, Entry]) -> Iterator[tuple[int, Record]]:
    for key, entry in put.items():
        if key.startswith(EVENTS):
            try:
                record = _RECORD.decode(entry.value.encode(errors="surrogateescape"))
            except msgspec.MsgspecError:
                continue  # somebody wrote there by hand
            yield entry.revision, record


def _whole(tree: Tree, put: Mapping[str, Entry], revision: int, record: Record) -> Record:
    """With the long values that it does not repeat, as far as they are still to be seen."""
    node, prev = record.node, record.prev
    entry = put.get(tree.places.key(record.key))
    if node.cut and entry is not None and entry.revision == revision:
        node = msgspec.structs.replace(node, value=entry.value)
    before = tree.find(record.key)
    if prev is not None and prev.cut and before is not None and before.entry is not None:
        prev = msgspec.structs.replace(prev, value=before.entry.value)
    return msgspec.structs.replace(record, node=node, prev=prev)


def _set(tree: Tree, path: str, entry: Entry, now: float) -> Record:
    node = tree.find(path)
    prev = last_of(node, now) if node is not None and not node.dir else None
    return Record("", "set", path, Last(value=entry.value), prev)


def _gone(tree: Tree, path: str, now: float) -> Record:
    """By its lease when its time is over, else by somebody."""
    node = tree.find(path)
    if node is None:
        return Record("", "delete", path, Last())
    over = node.expires and node.expires <= now
    last = Last(created=node.created)
    return Record("", "expire" if over else "delete", path, last, last_of(node, now))


def _by_place(each: tuple[int, Record]) -> tuple[int, str]:
    return each[0], each[1].key


def _numbered(told: list[tuple[int, Record]]) -> Iterator[Happened]:
    """Several at one revision have indexes of their own, so that none hides behind another."""
    before, number = 0, 0
    for revision, record in told:
        number = number + 1 if revision == before else 0
        before = revision
        yield happened(record, revision, number)
