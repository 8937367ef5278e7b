"""What is to change in a running HAProxy, as values. Pure."""

from enum import StrEnum

from msgspec import Struct

from bootstrapper.haproxy.server import Server


class Mode(StrEnum):
    """What an operator may say of a server; the words of `set server … state`."""

    READY = "ready"
    DRAIN = "drain"
    MAINT = "maint"


class Add(Struct, frozen=True):
    backend: str
    server: Server


class Remove(Struct, frozen=True):
    backend: str
    server: Server


class Move(Struct, frozen=True):
    """To the address and port of `server`, as which it goes on."""

    backend: str
    server: Server


class Reweigh(Struct, frozen=True):
    backend: str
    server: Server


class Switch(Struct, frozen=True):
    """`disabled` came into its line, or went."""

    backend: str
    server: Server


class Replace(Struct, frozen=True):
    """Options changed that it cannot change while it runs."""

    backend: str
    old: Server
    new: Server


Change = Add | Remove | Move | Reweigh | Switch | Replace


def subject(change: Change) -> Server:
    """The server as it is to be; of one that leaves, as it was."""
    return change.new if isinstance(change, Replace) else change.server


class Same(Struct, frozen=True):
    """Nothing that HAProxy could notice."""


class Live(Struct, frozen=True):
    """All of it can be said to the running HAProxy. First what adds, last what takes away."""

    changes: tuple[Change, ...]

    @property
    def backends(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(change.backend for change in self.changes))


class Reload(Struct, frozen=True):
    reason: str


Difference = Same | Live | Reload


def told(change: Change) -> str:
    """`+web/w1 127.0.0.1:80`, for people."""
    match change:
        case Add(backend, server):
            return f"+{backend}/{server.name} {server.place}"
        case Remove(backend, server):
            return f"-{backend}/{server.name}"
        case Move(backend, server):
            return f"{backend}/{server.name} to {server.place}"
        case Reweigh(backend, server):
            return f"{backend}/{server.name} weight {server.weight}"
        case Switch(backend, server):
            return f"{backend}/{server.name} {'off' if server.has('disabled') else 'on'}"
        case Replace(backend, _, new):
            return f"{backend}/{new.name} anew at {new.place}"
