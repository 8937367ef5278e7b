"""What should run against what runs. Pure.

An operator's word (drain, maint, another weight) is no fault: it is theirs and stays.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from bootstrapper.errors import Mistake
from bootstrapper.haproxy.answers import Row
from bootstrapper.haproxy.changes import Change, Mode, Move, Remove, Reweigh, Switch, subject
from bootstrapper.haproxy.config import PROXIES, words
from bootstrapper.haproxy.lines import blocks, servers_of
from bootstrapper.haproxy.options import Version
from bootstrapper.haproxy.scope import scope_of
from bootstrapper.haproxy.server import Server

NEWEST: Version = (99, 0)
Wanted = dict[str, Server | None]
"""The servers of a backend by name; None for one whose address only HAProxy knows."""


class Kept(Struct, frozen=True):
    """What an operator said of a server; `weight` None: nothing of that."""

    backend: str
    name: str
    mode: Mode | None = None
    weight: int | None = None


def wanted(text: str, backends: Iterable[str] | None = None) -> dict[str, Wanted]:
    """By backend, what a file says: of these backends, or of all."""
    lines = text.split("\n")
    sections = blocks(lines)
    asked = None if backends is None else set(backends)
    found: dict[str, Wanted] = {}
    for at, block in enumerate(sections):
        head = words(block.head)
        if len(head) < 2 or head[0] not in PROXIES:  # noqa: PLR2004
            continue
        if asked is not None and head[1] not in asked:
            continue
        scope, inside = scope_of(sections, at), found.setdefault(head[1], {})
        for defaults, line in servers_of(block, lines, 0, 0).middle:
            split = words(line)
            if len(split) < 2:  # noqa: PLR2004
                continue
            try:
                inside[split[1]] = scope.server(split, defaults, NEWEST)
            except Mistake:
                inside[split[1]] = None
    return found


def fault(backend: str, asked: Wanted, rows: Mapping[str, Row], leaving: set[str]) -> str:
    """The first way in which what runs is not what was asked for; "" when there is none.

    `leaving` are names of servers that drain; one in maintenance that nobody asked for is taken
    for such a one, too.
    """
    for name, server in asked.items():
        if name not in rows:
            return f"HAProxy has no server {backend}/{name}"
        if server is not None and (why := amiss(server, rows[name])):
            return why
    if len(rows) > len(asked):
        for name, row in rows.items():
            if name not in asked and name not in leaving and row.mode is not Mode.MAINT:
                return f"HAProxy has a server {backend}/{name} that its file does not have"
    return ""


def amiss(server: Server, row: Row) -> str:
    if (row.address, row.port) != (server.address, server.port):
        return f"{row.backend}/{row.name} is at {row.place}, not at {server.place}"
    return ""


def amiss_after(change: Change, row: Row | None, mode: Mode | None = None) -> str:
    """How what came of one change differs from what was to come of it.

    `mode` is what an operator had said of it, which must have outlived the change.
    """
    server = subject(change)
    name = f"{change.backend}/{server.name}"
    if isinstance(change, Remove):
        gone = row is None or row.mode is not Mode.READY
        return "" if gone else f"{name} still takes requests"
    if row is None:
        return f"HAProxy has no server {name}"
    if why := amiss(server, row):
        return why
    if not isinstance(change, Move | Switch) and row.weight != server.weight:
        return f"{name} has the weight {row.weight}, not {server.weight}"
    expected = mode or mode_of(server)
    if not isinstance(change, Move | Reweigh) and row.mode is not expected:
        return f"{name} is in {row.mode}, not in {expected}"
    return ""


def mode_of(server: Server) -> Mode:
    """What its line says."""
    return Mode.MAINT if server.has("disabled") else Mode.READY


def said_by_operator(asked: Mapping[str, Wanted], rows: Iterable[Row]) -> tuple[Kept, ...]:
    """What differs from the file in state and weight. An agent's weights are its own."""
    found = []
    for row in rows:
        server = asked.get(row.backend, {}).get(row.name)
        if server is None:
            continue
        mode = row.mode if row.mode is not mode_of(server) else None
        own = server.weight == row.weight or server.has("agent-check")
        if mode or not own:
            found.append(Kept(row.backend, row.name, mode, None if own else row.weight))
    return tuple(found)
