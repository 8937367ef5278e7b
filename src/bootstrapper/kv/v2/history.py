"""What happened, in order: as many events as etcd keeps, for those who ask what came after one."""

from collections import deque
from collections.abc import Iterator

from bootstrapper.kv.v2.errors import Code, V2Error
from bootstrapper.kv.v2.views import Happened

KEPT = 1000
LARGEST = 64 * 2**20  # letters of all values together: large ones make the history shorter


class History:
    def __init__(self, kept: int = KEPT, largest: int = LARGEST) -> None:
        self._kept = kept
        self._largest = largest
        self._size = 0
        self._events: deque[Happened] = deque()
        self._since = 0
        """The oldest index that is known of, with nothing left out."""

    def add(self, event: Happened) -> None:
        self._events.append(event)
        self._size += _size(event)
        while len(self._events) > self._kept or self._size > self._largest:
            oldest = self._events.popleft()
            self._size -= _size(oldest)
            self._since = oldest.index + 1

    def first(self, path: str, since: int, *, recursive: bool) -> Happened | None:
        """The first event at `path` with index `since` or later; None: it is still to come."""
        if since < self._since:
            why = f"the requested history has been cleared [{self._since}/{since}]"
            raise V2Error(Code.CLEARED, why)
        return next(
            (each for each in self._from(since) if concerns(each, path, recursive=recursive)), None
        )

    def _from(self, since: int) -> Iterator[Happened]:
        """Most who ask want what came just now."""
        newer = []
        for event in reversed(self._events):
            if event.index < since:
                break
            newer.append(event)
        return reversed(newer)


def _size(event: Happened) -> int:
    nodes = (event.event.node, event.event.prevNode)
    return sum(len(node.value or "") for node in nodes if node is not None)


def concerns(event: Happened, path: str, *, recursive: bool) -> bool:
    """Whether a watcher of `path` is told; names that begin with _ are for who names them."""
    if event.refresh:
        return False
    if event.key == path:
        return True
    inside = f"{path.rstrip('/')}/"
    if recursive and event.key.startswith(inside):
        return "/_" not in f"/{event.key[len(inside) :]}"
    return event.deleted_dir and path.startswith(f"{event.key}/")
