"""What happened, in order: as many events as etcd keeps, for those who ask what came after one."""

from collections import deque
from collections.abc import Iterator

from bootstrapper.kv.v2.errors import Code, V2Error
from bootstrapper.kv.v2.views import Happened

KEPT = 1000


class History:
    def __init__(self, kept: int = KEPT) -> None:
        self._events: deque[Happened] = deque(maxlen=kept)
        self._since = 0
        """The oldest index that is known of, with nothing left out."""

    def add(self, event: Happened) -> None:
        if len(self._events) == self._events.maxlen:
            self._since = self._events[0].index + 1
        self._events.append(event)

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
