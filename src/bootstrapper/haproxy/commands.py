"""From changes to what is said to HAProxy, line by line. Pure.

https://docs.haproxy.org/2.6/management.html, 9.3.
"""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from bootstrapper.haproxy.changes import (
    Add,
    Change,
    Mode,
    Move,
    Remove,
    Replace,
    Reweigh,
    Switch,
)
from bootstrapper.haproxy.options import Version, as_words
from bootstrapper.haproxy.server import Server

REGISTERED = "New server registered"
DELETED = "Server deleted"
MOVED = ("IP changed", "no need to change the addr", "port changed", "no need to change the port")
POOLS: Version = (2, 8)
"""Until this version a server added at run time keeps no idle connections without being told."""
POOL = (("pool-max-conn", "-1"), ("pool-purge-delay", "5s"))
"""HAProxy's own values for servers of the file."""


class Step(Struct, frozen=True):
    """One line, and what the answer has in it when all is well; nothing: silence is."""

    line: str
    good: tuple[str, ...] = ()

    def fits(self, answer: str) -> bool:
        said = answer.strip()
        return any(each in said for each in self.good) if self.good else not said


def steps_for(change: Change, version: Version) -> tuple[Step, ...]:
    match change:
        case Add(backend, server):
            return tuple(add(backend, server, version))
        case Remove(backend, server):
            return (leave(backend, server),)
        case Move(backend, server):
            return tuple(move(backend, server))
        case Reweigh(backend, server):
            return (weigh(f"{backend}/{server.name}", server.weight),)
        case Switch(backend, server):
            name = f"{backend}/{server.name}"
            return (set_mode(name, Mode.MAINT if server.has("disabled") else Mode.READY),)
        case Replace(backend, old, new):
            return (*delete(f"{backend}/{old.name}"), *add(backend, new, version))


def add(backend: str, server: Server, version: Version) -> Iterator[Step]:
    """It comes in maintenance, with its checks asleep."""
    name = f"{backend}/{server.name}"
    options = with_pool(server, version)
    words = as_words(x for x in options if x[0] != "disabled")
    yield Step(" ".join(("add server", name, server.place, *words)), (REGISTERED,))
    if server.has("check"):
        yield Step(f"enable health {name}")
    if server.has("agent-check"):
        yield Step(f"enable agent {name}")
    if not server.has("disabled"):
        yield Step(f"set server {name} state ready")


def with_pool(server: Server, version: Version) -> Iterable[tuple[str, str]]:
    if version >= POOLS:
        return server.options
    return (*server.options, *(x for x in POOL if not server.has(x[0])))


def leave(backend: str, server: Server) -> Step:
    """No new request goes there; those under way go on, unless its line wants them ended then."""
    kills = ("on-marked-down", "shutdown-sessions") in server.options
    return set_mode(f"{backend}/{server.name}", Mode.DRAIN if kills else Mode.MAINT)


def move(backend: str, server: Server) -> Iterator[Step]:
    """What the checks thought of the old address says nothing of the new one: it starts as up."""
    name = f"{backend}/{server.name}"
    yield Step(f"set server {name} addr {server.address} port {server.port}", MOVED)
    if server.has("check"):
        yield Step(f"set server {name} health up")


def delete(name: str) -> tuple[Step, ...]:
    return (set_mode(name, Mode.MAINT), Step(f"del server {name}", (DELETED,)))


def revive(backend: str, server: Server) -> tuple[Step, ...]:
    """One that was about to leave stays."""
    name = f"{backend}/{server.name}"
    mode = Mode.MAINT if server.has("disabled") else Mode.READY
    return (*move(backend, server), weigh(name, server.weight), set_mode(name, mode))


def set_mode(name: str, mode: Mode) -> Step:
    return Step(f"set server {name} state {mode}")


def weigh(name: str, weight: int) -> Step:
    return Step(f"set server {name} weight {weight}")
