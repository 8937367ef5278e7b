"""One step of the store in the making: what is written, and the revisions that it stands on.

Each key is written once and guarded once. Values name their writer by the record's id, so that a
step whose answer was lost is recognised. No IO.
"""

from collections.abc import Mapping

import msgspec

from bootstrapper.kv.store import ABSENT, Clear, Delete, Lease, Put, Write
from bootstrapper.kv.v2.errors import Code, V2Error, readable
from bootstrapper.kv.v2.records import EVENTS, LONG, Extra, Last, Record
from bootstrapper.kv.v2.tree import Node, Tree, parents

SLACK = 5  # seconds that a lease outlives its key: it is for when nobody is there to end it


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`lease`: seconds of the lease that the step must be given, 0 for none; `over`: one to end."""

    writes: tuple[Write, ...]
    when: Mapping[str, int]
    record: Record
    lease: int = 0
    over: str = ""


class Draft:
    def __init__(self, tree: Tree, lease: Lease | None) -> None:
        self.tree = tree
        self._places = tree.places
        self._given = lease
        self._writes: list[Write] = []
        self._when: dict[str, int] = {}
        self._lease = 0
        self._over = ""

    def make_parents(self, path: str) -> None:
        """So that the folders above are there, in v2's sense, and still are when it is done."""
        above = parents(path)
        for each in above:
            node = self.tree.find(each)
            if node is None:
                self._put_folder(each, Extra(), ABSENT)
                self._when[self._places.key(each)] = ABSENT
            elif not node.dir:
                raise V2Error(Code.NOT_A_DIRECTORY, each)
            elif node.folder is None or (each == above[-1] and not node.children):
                # an empty one is touched: to delete it meanwhile must fail
                extra = Extra(created=node.created, modified=node.modified, expires=node.expires)
                self._put_folder(each, extra, node.folder_at)
            else:
                self._when[self._places.folder(each)] = node.folder_at

    def put_file(
        self, path: str, node: Node | None, value: str, extra: Extra, ttl: int | None
    ) -> None:
        key = self._places.key(path)
        self._when[key] = node.revision if node else ABSENT
        self._when[self._places.folder(path)] = ABSENT
        if ttl is not None:
            self._lease = ttl + SLACK
        self._writes.append(Put(key, value, self._given))
        self._over = node.extra.lease if node else ""
        if self._given is not None:
            extra = msgspec.structs.replace(extra, lease=self._given.id)
        if extra == Extra():
            self._writes.append(Delete(self._places.extra(path)))
        else:
            self._writes.append(Put(self._places.extra(path), _text(extra), self._given))

    def put_folder(self, path: str, node: Node | None, extra: Extra) -> None:
        """A file that is there makes room."""
        if node is not None and not node.dir:
            self.drop_file(path, node)
        else:
            self._when.setdefault(self._places.key(path), node.revision if node else ABSENT)
        self._put_folder(path, extra, node.folder_at if node else ABSENT)

    def drop_file(self, path: str, node: Node) -> None:
        key = self._places.key(path)
        self._when[key] = node.revision
        self._writes += [Delete(key), Delete(self._places.extra(path))]
        self._over = node.extra.lease

    def drop_folder(self, path: str, node: Node) -> None:
        """With all that is in it, and what somebody puts there just now."""
        self._when[self._places.folder(path)] = node.folder_at
        of_it = (self._places.key, self._places.extra, self._places.folder, self._places.order)
        for name in of_it:
            self._writes += [Delete(name(path)), Clear(f"{name(path)}/")]

    def put_order(self, path: str, number: int) -> None:
        key = self._places.order(path)
        last = self.tree.orders.get(key)
        self._when[key] = last.revision if last else ABSENT
        self._writes.append(Put(key, str(number)))

    def plan(self, record: Record) -> Plan:
        text = msgspec.json.encode(_told(record)).decode()
        return Plan(
            writes=(*self._writes, Put(EVENTS + record.id, text)),
            when=self._when,
            record=record,
            lease=self._lease,
            over=self._over,
        )

    def _put_folder(self, path: str, extra: Extra, guard: int) -> None:
        self._when[self._places.folder(path)] = guard
        self._writes.append(Put(self._places.folder(path), _text(extra)))


def _text(extra: Extra) -> str:
    return msgspec.json.encode(extra).decode()


def _told(record: Record) -> Record:
    """JSON has no bytes: in the history they are U+FFFD, as v2 shows them anyway.

    Long values are left out: a step has its limits, and the key itself is in it already.
    """
    prev = record.prev and _short(record.prev)
    return msgspec.structs.replace(record, node=_short(record.node), prev=prev)


def _short(last: Last) -> Last:
    if last.value is None:
        return last
    if len(last.value) > LONG:
        return msgspec.structs.replace(last, value="", cut=True)
    return msgspec.structs.replace(last, value=readable(last.value))
