"""What v2 answers, as its JSON: nodes and events, with the field names that etcd gave them."""

import math
from datetime import UTC, datetime

import msgspec

from bootstrapper.kv.v2.errors import readable
from bootstrapper.kv.v2.records import Last, Record, index_of
from bootstrapper.kv.v2.tree import Node, joined

DELETED = ("delete", "expire")


class NodeView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    key: str = ""
    value: str | None = None
    dir: bool = False
    expiration: str = ""
    ttl: int = 0
    nodes: tuple["NodeView", ...] = ()
    modifiedIndex: int = 0
    createdIndex: int = 0


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An answer, or what a watcher hears."""

    action: str
    node: NodeView | None = None
    prevNode: NodeView | None = None


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """An event at its place in the history. `refresh`: watchers need not hear of it."""

    index: int
    key: str
    event: Event
    refresh: bool = False

    @property
    def deleted_dir(self) -> bool:
        prev = self.event.prevNode
        return self.event.action in DELETED and prev is not None and prev.dir


def node_view(path: str, node: Node, now: float, *, recursive: bool) -> NodeView:
    """A folder with what is in it, which means with its own children if `recursive`."""
    return _view(path, node, now, 2 if not recursive else -1)


def _view(path: str, node: Node, now: float, levels: int) -> NodeView:
    inside = sorted(node.children.items()) if levels > 1 or levels < 0 else []
    return NodeView(
        key="" if path == "/" else path,
        value=None if node.dir or node.entry is None else readable(node.entry.value),
        dir=node.dir,
        expiration=_time(node.expires),
        ttl=ttl_of(node.expires, now),
        nodes=tuple(
            _view(joined(path, name), child, now, levels - 1)
            for name, child in inside
            if not name.startswith("_")
        ),
        modifiedIndex=index_of(node.modified),
        createdIndex=index_of(node.created),
    )


def last_of(node: Node, now: float) -> Last:
    """The node as it is, for the record of what happens to it."""
    return Last(
        dir=node.dir,
        value=None if node.dir or node.entry is None else node.entry.value,
        created=node.created,
        modified=node.modified,
        expires=node.expires,
        ttl=ttl_of(node.expires, now),
    )


def happened(record: Record, revision: int, number: int = 0) -> Happened:
    index = index_of(revision, number)
    return Happened(
        index=index,
        key=record.key,
        event=Event(
            action=record.action,
            node=_last_view(record.key, record.node, index),
            prevNode=_last_view(record.key, record.prev, index) if record.prev else None,
        ),
        refresh=record.refresh,
    )


def _last_view(key: str, last: Last, index: int) -> NodeView:
    """Zero revisions are those of the event itself."""
    return NodeView(
        key=key,
        value=None if last.value is None else readable(last.value),
        dir=last.dir,
        expiration=_time(last.expires),
        ttl=last.ttl,
        modifiedIndex=index_of(last.modified) or index,
        createdIndex=index_of(last.created) or index,
    )


def ttl_of(expires: float, now: float) -> int:
    """Whole seconds left, rounded up; 0 for what stays."""
    return max(0, math.ceil(expires - now)) if expires else 0


def _time(expires: float) -> str:
    if not expires:
        return ""
    return datetime.fromtimestamp(expires, UTC).isoformat().replace("+00:00", "Z")
