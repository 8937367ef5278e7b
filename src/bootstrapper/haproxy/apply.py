"""A running HAProxy made true to a new file, and read back; or the reason for a reload.

What is known of a backend with many servers is kept in mind, so that a change to it costs only
the servers that it is about. Nothing is believed longer than the worker lives, nor than `TRUST`.
"""

import time
from collections.abc import Callable, Iterable

from msgspec import Struct

from bootstrapper.errors import Refused
from bootstrapper.haproxy.changes import (
    Add,
    Change,
    Live,
    Mode,
    Reload,
    Remove,
    Replace,
    Same,
    subject,
)
from bootstrapper.haproxy.commands import Step, add, delete, revive, set_mode, steps_for
from bootstrapper.haproxy.compare import difference
from bootstrapper.haproxy.drains import Drain, is_gone, lines_for, turn_of
from bootstrapper.haproxy.known import Known
from bootstrapper.haproxy.options import Version
from bootstrapper.haproxy.socket import Socket
from bootstrapper.haproxy.state import amiss_after, mode_of

DRAIN = 30.0  # seconds


class Applied(Struct, frozen=True):
    """It runs, and was read back. No changes: there was nothing HAProxy could have noticed."""

    changes: tuple[Change, ...] = ()


class NeedsReload(Struct, frozen=True):
    reason: str


class Proxy:
    """`drain` is the longest that a removed server may go on with its requests, in seconds."""

    def __init__(
        self,
        socket_path: str,
        *,
        drain: float = DRAIN,
        timeout: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.socket = Socket(socket_path, timeout)
        self.drain = drain
        self.drains: tuple[Drain, ...] = ()
        self._clock = clock
        self._known = Known(self.socket)
        self._modes: dict[str, Mode] = {}

    def prepare(self, text: str) -> NeedsReload | None:
        """Look at all that runs, ahead of the first change: later ones are the quicker for it."""
        self._known.meet(self.socket.info(), self._clock())
        return self._reload_for(self._known.fault(text, None, self._leaving()))

    def apply(self, old_text: str, new_text: str) -> Applied | NeedsReload:
        """Unavailable when HAProxy is not there: nothing, or not all, was done then."""
        info = self.socket.info()
        match difference(old_text, new_text, info.version):
            case Same():
                return Applied()
            case Reload(reason):
                return NeedsReload(reason)
            case Live() as live:
                if self._known.meet(info, self._clock()):
                    self.drains = ()  # another worker: what leaves it is seen below
                return self._go_live(live, old_text, new_text, info.version)

    def finish_drains(self, now: float | None = None) -> tuple[Drain, ...]:
        """Delete those that have no requests any more, or no time; the rest is the answer."""
        if self.drains:
            when = self._clock() if now is None else now
            if self._known.meet(self.socket.info(), when):
                self.drains = ()  # a new worker: a server of that name is one the file wants
            self.drains = tuple(x for x in self.drains if not self._finished(x, when))
        return self.drains

    def forget(self) -> None:
        """After a reload: nothing drains in the new worker, and nothing is known of it."""
        self.drains = ()
        self._known.forget()

    def _go_live(self, live: Live, old: str, new: str, version: Version) -> Applied | NeedsReload:
        why = self._known.fault(old, live.backends, self._leaving())
        if why:
            return NeedsReload(f"what runs is not what the old file says: {why}")
        self._adopt(live.backends)
        self._modes = {}
        try:
            for steps in self._plan(live.changes, version):
                self.socket.say(*steps)
        except Refused as error:
            self._known.forget()
            return NeedsReload(str(error))
        return self._read_back(live, new)

    def _plan(self, changes: Iterable[Change], version: Version) -> Iterable[tuple[Step, ...]]:
        """What only adds goes in one breath; what may be refused has one of its own."""
        together: list[Step] = []
        for change in changes:
            match change:
                case Add(backend, server) if drain := self._drain_of(backend, server.name):
                    yield self._come_back(drain, change, version)
                case Replace():
                    yield (*together,)
                    together = []
                    yield from self._replace(change, version)
                case _:
                    together += steps_for(change, version)
        yield (*together,)

    def _replace(self, change: Replace, version: Version) -> Iterable[tuple[Step, ...]]:
        """HAProxy deletes no server that has connections: then it stays, and a reload comes."""
        name = f"{change.backend}/{change.old.name}"
        row = self._known.look(change.backend, change.old.name)
        mode = row.mode if row else Mode.READY
        enter, remove = delete(name)
        answers = self.socket.ask_all((enter.line, remove.line))
        if not remove.fits(answers[-1]):
            self.socket.ask(set_mode(name, mode).line)
            raise Refused(f"options of {name} differ, and it is busy")
        yield tuple(add(change.backend, change.new, version))
        if mode is not mode_of(change.old):
            self._modes[name] = mode
            yield (set_mode(name, mode),)

    def _come_back(self, drain: Drain, change: Add, version: Version) -> tuple[Step, ...]:
        """A server that was leaving is in the file again."""
        self.drains = tuple(x for x in self.drains if x != drain)
        if is_gone(self.socket.ask_all([x.line for x in delete(drain.full)])[-1]):
            return tuple(add(change.backend, change.server, version))
        if drain.server is not None and drain.server.essence == change.server.essence:
            return revive(change.backend, change.server)
        raise Refused(f"{drain.full} has other options now, and still has requests of before")

    def _read_back(self, live: Live, new: str) -> Applied | NeedsReload:
        until = self._clock() + self.drain
        leave = [x for x in live.changes if isinstance(x, Remove)]
        self.drains += tuple(Drain(x.backend, x.server.name, until, x.server) for x in leave)
        rows = self._known.read_back(live.changes)
        for change in live.changes:
            name = subject(change).name
            mode = self._modes.get(f"{change.backend}/{name}")
            if why := amiss_after(change, rows.get((change.backend, name)), mode):
                self._known.forget()
                return NeedsReload(f"read back, {why}")
        self._known.true_to(new, live.changes)
        return Applied(live.changes)

    def _leaving(self) -> set[str]:
        return {drain.full for drain in self.drains}

    def _drain_of(self, backend: str, name: str) -> Drain | None:
        return next((x for x in self.drains if (x.backend, x.name) == (backend, name)), None)

    def _adopt(self, backends: Iterable[str]) -> None:
        """Servers in maintenance that the file does not have: left by one who began to drain."""
        for backend, name in self._known.strays(backends):
            if self._drain_of(backend, name) is None:
                self.drains += (Drain(backend, name, self._clock() + self.drain),)

    def _finished(self, drain: Drain, now: float) -> bool:
        lines = lines_for(drain, turn_of(drain, now))
        gone = bool(lines) and is_gone(self.socket.ask_all(lines)[-1])
        if gone:
            self._known.drop(drain.backend, drain.name)
        return gone

    @staticmethod
    def _reload_for(why: str) -> NeedsReload | None:
        return NeedsReload(why) if why else None
