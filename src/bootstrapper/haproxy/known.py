"""What is known of the servers that run: read whole once, then kept up by what is done to them.

`show servers state` of ten thousand servers takes 10 ms to be written and as long to be read;
`show stat` of one server, by its id, a quarter of a millisecond. The id of a server just added is
the lowest that was free; the answer names the server, so a wrong guess is noticed and costs only
a whole reading.
"""

from collections.abc import Iterable, Sequence
from itertools import count

from bootstrapper.errors import Refused
from bootstrapper.haproxy.answers import Info, Row, read_stat, row_of
from bootstrapper.haproxy.changes import Change, Mode, Remove, Replace, subject
from bootstrapper.haproxy.socket import AT_ONCE, Socket
from bootstrapper.haproxy.state import Wanted, fault, wanted

FEW = 500
"""Servers of a backend that are read whole every time: that takes a millisecond."""
TRUST = 60.0
"""Seconds after which a backend is read whole again: others may have changed it."""


class Known:
    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self.forget()

    def forget(self) -> None:
        self._text = ""
        self._worker = 0
        self._now = 0.0
        self._read: dict[str, float] = {}
        self._rows: dict[str, dict[str, Row]] = {}
        self._wanted: dict[str, Wanted] = {}

    def meet(self, info: Info, now: float) -> bool:
        """Whether this worker is another than the one before."""
        other = info.pid != self._worker
        if other:
            self.forget()
            self._worker = info.pid
        self._now = now
        return other

    def fault(self, text: str, backends: Iterable[str] | None, leaving: set[str]) -> str:
        """What runs against what `text` says of these backends, or of all; "" when it is true."""
        if text != self._text:
            self._read.clear()
            self._wanted = {}
            self._text = text
        stale = None if backends is None else [x for x in backends if not self._trusted(x)]
        if stale == []:
            return ""
        missing = None if stale is None else [x for x in stale if x not in self._wanted]
        if missing != []:
            self._wanted |= wanted(text, missing)
        for backend in self._wanted if stale is None else stale:
            self._read_whole(backend)
            gone = {x.partition("/")[2] for x in leaving if x.startswith(f"{backend}/")}
            asked = self._wanted.get(backend, {})
            if why := fault(backend, asked, self._rows[backend], gone):
                self.forget()
                return why
            self._read[backend] = self._now
        return ""

    def _trusted(self, backend: str) -> bool:
        read = self._read.get(backend)
        few = len(self._rows.get(backend, ())) <= FEW
        return read is not None and not few and self._now - read <= TRUST

    def _read_whole(self, backend: str) -> None:
        try:
            rows = self._socket.states(backend)
        except Refused as error:
            if "find backend" not in str(error):
                raise
            rows = ()
        self._rows[backend] = {row.name: row for row in rows}

    def strays(self, backends: Iterable[str]) -> list[tuple[str, str]]:
        """Servers in maintenance that the file does not have."""
        return [
            (backend, name)
            for backend in backends
            if len(self._rows[backend]) > len(self._wanted.get(backend, ()))
            for name, row in self._rows[backend].items()
            if name not in self._wanted.get(backend, ()) and row.mode is Mode.MAINT
        ]

    def read_back(self, changes: Sequence[Change]) -> dict[tuple[str, str], Row]:
        """The servers of these changes as they are now; one that is gone is left out."""
        found: dict[tuple[str, str], Row] = {}
        for backend in dict.fromkeys(change.backend for change in changes):
            here = [change for change in changes if change.backend == backend]
            few = len(self._rows[backend]) <= FEW
            rows = None if few or len(here) > AT_ONCE else self._look_at(backend, here)
            if rows is None:
                self._read_whole(backend)
                rows = [self._rows[backend].get(subject(change).name) for change in here]
            for row in filter(None, rows):
                self._rows[backend][row.name] = row
                found[backend, row.name] = row
        return found

    def look(self, backend: str, name: str) -> Row | None:
        row = self._rows[backend].get(name)
        text = self._socket.ask(f"show stat {backend} 4 {row.id}") if row else ""
        stats = list(read_stat(text)) if text else []
        return row_of(stats[0]) if stats and stats[0]["svname"] == name else None

    def _look_at(self, backend: str, changes: Sequence[Change]) -> list[Row | None] | None:
        """One by one, by id; None when it is not so simple."""
        ids = self._ids(backend, changes)
        answers = self._socket.ask_all([f"show stat {backend} 4 {each}" for each in ids])
        found: list[Row | None] = []
        for change, answer in zip(changes, answers, strict=True):
            stats = list(read_stat(answer))
            if not stats or stats[0]["svname"] != subject(change).name:
                return None
            found.append(row_of(stats[0]))
        return found

    def _ids(self, backend: str, changes: Sequence[Change]) -> list[int]:
        rows = self._rows[backend]
        replaced = {subject(x).name for x in changes if isinstance(x, Replace)}
        taken = {row.id for name, row in rows.items() if name not in replaced}
        free = (number for number in count(1) if number not in taken)
        return [
            rows[subject(x).name].id
            if subject(x).name in rows and subject(x).name not in replaced
            else int(dict(subject(x).options).get("id", 0)) or next(free)
            for x in changes
        ]

    def true_to(self, text: str, changes: Iterable[Change]) -> None:
        """The changes were made, and `text` is what is true now."""
        self._text = text
        for change in changes:
            here = self._wanted.setdefault(change.backend, {})
            if isinstance(change, Remove):
                here.pop(change.server.name, None)
            else:
                here[subject(change).name] = subject(change)

    def drop(self, backend: str, name: str) -> None:
        """The server was deleted."""
        self._rows.get(backend, {}).pop(name, None)
