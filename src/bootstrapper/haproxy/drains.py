"""Servers that left the file and still have requests: when to do what. Pure."""

from enum import StrEnum

from msgspec import Struct

from bootstrapper.haproxy.commands import DELETED, delete
from bootstrapper.haproxy.server import Server


class Drain(Struct, frozen=True):
    """`server` is None for one that was found leaving; `until` by the clock of the loop."""

    backend: str
    name: str
    until: float
    server: Server | None = None

    @property
    def full(self) -> str:
        return f"{self.backend}/{self.name}"

    @property
    def gentle(self) -> bool:
        """In maintenance its requests would be ended; until its time it may only drain."""
        kill = ("on-marked-down", "shutdown-sessions")
        return self.server is not None and kill in self.server.options


class Turn(StrEnum):
    WAIT = "wait"
    TRY = "try"
    FORCE = "force"


def turn_of(drain: Drain, now: float) -> Turn:
    if now >= drain.until:
        return Turn.FORCE
    return Turn.WAIT if drain.gentle else Turn.TRY


def lines_for(drain: Drain, turn: Turn) -> tuple[str, ...]:
    """The last of them is the one whose answer tells whether it is gone."""
    enter, remove = delete(drain.full)
    match turn:
        case Turn.WAIT:
            return ()
        case Turn.TRY:
            return (remove.line,)
        case Turn.FORCE:
            cut = f"shutdown sessions server {drain.full}"
            return (enter.line, cut, remove.line)


def is_gone(answer: str) -> bool:
    return DELETED in answer or "No such server" in answer
