"""What a request does to the tree: one guarded step of the store, or an error. Pure.

A step whose guard is broken is decided again on the newer tree, so comparing and swapping is one
act, whoever else writes.
"""

from bootstrapper.kv.store import Lease
from bootstrapper.kv.v2.errors import Code, V2Error
from bootstrapper.kv.v2.plan import Draft, Plan
from bootstrapper.kv.v2.records import Extra, Last, Record, index_of, revision_of
from bootstrapper.kv.v2.request import Request
from bootstrapper.kv.v2.tree import Node, Tree, joined, parts
from bootstrapper.kv.v2.views import last_of, ttl_of

FORBIDDEN = 403  # the status for what is ours


class Moment:
    """What a decision takes besides tree and request; `id` is a fresh one for its record."""

    __slots__ = ("id", "lease", "now", "revision")

    def __init__(self, now: float, new_id: str, revision: int, lease: Lease | None = None) -> None:
        self.now = now
        self.id = new_id
        self.revision = revision
        self.lease = lease


def look(tree: Tree, path: str) -> Node:
    """Raises a V2Error whose cause is the first part of the path where it goes no further."""
    node, at = tree.root, ""
    for part in parts(path):
        if not node.dir:
            raise V2Error(Code.NOT_A_DIRECTORY, at)
        at = joined(at, part)
        if part not in node.children:
            raise V2Error(Code.NOT_FOUND, at)
        node = node.children[part]
    return node


def decide(tree: Tree, request: Request, moment: Moment) -> Plan:
    """Raises V2Error, and then nothing is to be done."""
    _check_place(tree, request)
    match request.method:
        case "POST":
            return _create_in_order(tree, request, moment)
        case "DELETE" if request.compares:
            return _compare_and_delete(tree, request, moment)
        case "DELETE":
            return _delete(tree, request, moment)
        case _ if request.prev_exist is False:
            return _create(tree, request, moment)
        case _ if request.compares:
            return _compare_and_swap(tree, request, moment)
        case _ if request.prev_exist:
            return _update(tree, request, moment)
        case _:
            return _set(tree, request, moment)


def expire(tree: Tree, path: str, moment: Moment) -> Plan:
    """The node's time is over, with all that is in it."""
    node = look(tree, path)
    return _dropped(tree, "expire", path, node, moment)


def _check_place(tree: Tree, request: Request) -> None:
    places, path = tree.places, request.path
    if request.method == "POST":
        ours = places.is_own(places.key(path))
    elif path == "/":
        raise V2Error(Code.READ_ONLY, "/")
    else:
        ours = places.holds_own(path)
    if ours:
        raise V2Error(Code.READ_ONLY, path, status=FORBIDDEN)


def _set(tree: Tree, request: Request, moment: Moment) -> Plan:
    node = tree.find(request.path)
    if request.refresh:
        node = look(tree, request.path)
    draft = Draft(tree, moment.lease)
    draft.make_parents(request.path)
    if node is not None and node.dir:
        raise V2Error(Code.NOT_A_FILE, request.path)
    return _written(draft, "set", request.path, node, request, moment)


def _create(tree: Tree, request: Request, moment: Moment) -> Plan:
    draft = Draft(tree, moment.lease)
    draft.make_parents(request.path)
    if tree.find(request.path) is not None:
        raise V2Error(Code.EXISTS, request.path)
    return _written(draft, "create", request.path, None, request, moment)


def _create_in_order(tree: Tree, request: Request, moment: Moment) -> Plan:
    """A name greater than all that were given in this folder before."""
    last = tree.orders.get(tree.places.order(request.path))
    before = int(last.value) if last and last.value.isdigit() else 0
    number = max(index_of(moment.revision + 1), before + 1)
    path = joined(request.path, f"{number:020}")
    draft = Draft(tree, moment.lease)
    draft.make_parents(path)
    draft.put_order(request.path, number)
    return _written(draft, "create", path, None, request, moment)


def _written(
    draft: Draft, action: str, path: str, node: Node | None, request: Request, moment: Moment
) -> Plan:
    """A node as if it were new, whatever was there."""
    extra = Extra(expires=_expires(request, moment))
    value = node.entry.value if request.refresh and node and node.entry else request.value
    if request.dir:
        draft.put_folder(path, node, extra)
    else:
        draft.put_file(path, node, value, extra, request.ttl)
    last = _last(request, moment, None if request.dir else value, 0)
    prev = last_of(node, moment.now) if node else None
    return draft.plan(
        Record(moment.id, action, path, last, prev, refresh=request.refresh and action == "set")
    )


def _update(tree: Tree, request: Request, moment: Moment) -> Plan:
    node = look(tree, request.path)
    if node.dir and request.value:
        raise V2Error(Code.NOT_A_FILE, request.path)
    return _changed(tree, "update", node, request, moment)


def _compare_and_swap(tree: Tree, request: Request, moment: Moment) -> Plan:
    node = look(tree, request.path)
    _compare(node, request)
    return _changed(tree, "compareAndSwap", node, request, moment)


def _changed(tree: Tree, action: str, node: Node, request: Request, moment: Moment) -> Plan:
    """The same node, with another value or time."""
    path, draft = request.path, Draft(tree, moment.lease)
    modified = node.modified if node.dir else 0  # etcd counts no change of a folder's time
    extra = Extra(created=node.created, modified=modified, expires=_expires(request, moment))
    value = node.entry.value if request.refresh and node.entry else request.value
    if node.dir:
        draft.put_folder(path, node, extra)
    else:
        draft.put_file(path, node, value, extra, request.ttl)
    last = _last(request, moment, None if node.dir else value, node.created)
    prev = last_of(node, moment.now)
    return draft.plan(Record(moment.id, action, path, last, prev, refresh=request.refresh))


def _delete(tree: Tree, request: Request, moment: Moment) -> Plan:
    node = look(tree, request.path)
    if node.dir and not (request.dir or request.recursive):
        raise V2Error(Code.NOT_A_FILE, request.path)
    if node.children and not request.recursive:
        raise V2Error(Code.NOT_EMPTY, request.path)
    return _dropped(tree, "delete", request.path, node, moment)


def _compare_and_delete(tree: Tree, request: Request, moment: Moment) -> Plan:
    node = look(tree, request.path)
    _compare(node, request)
    return _dropped(tree, "compareAndDelete", request.path, node, moment)


def _dropped(tree: Tree, action: str, path: str, node: Node, moment: Moment) -> Plan:
    draft = Draft(tree, moment.lease)
    draft.make_parents(path)
    if node.dir:
        draft.drop_folder(path, node)
    else:
        draft.drop_file(path, node)
    last = Last(dir=node.dir, created=node.created)
    return draft.plan(Record(moment.id, action, path, last, last_of(node, moment.now)))


def _compare(node: Node, request: Request) -> None:
    if node.dir or node.entry is None:
        raise V2Error(Code.NOT_A_FILE, request.path)
    wrong = []
    if request.prev_value not in ("", node.entry.value):
        wrong.append(f"[{request.prev_value} != {node.entry.value}]")
    if request.prev_index and revision_of(request.prev_index) != node.modified:
        wrong.append(f"[{request.prev_index} != {index_of(node.modified)}]")
    if wrong:
        raise V2Error(Code.COMPARE_FAILED, " ".join(wrong))


def _last(request: Request, moment: Moment, value: str | None, created: int) -> Last:
    expires = _expires(request, moment)
    return Last(
        dir=value is None,
        value=value,
        created=created,
        expires=expires,
        ttl=ttl_of(expires, moment.now),
    )


def _expires(request: Request, moment: Moment) -> float:
    return moment.now + request.ttl if request.ttl is not None else 0.0
