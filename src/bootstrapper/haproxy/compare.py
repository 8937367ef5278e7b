"""From two files to what may change at run time, or the reason why a reload must be. Pure.

Only what differs is parsed: a file of ten thousand servers takes a few milliseconds. Where there
is doubt, it is a reload.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from bootstrapper.errors import Mistake
from bootstrapper.haproxy.changes import (
    Add,
    Change,
    Difference,
    Live,
    Move,
    Reload,
    Remove,
    Replace,
    Reweigh,
    Same,
    Switch,
)
from bootstrapper.haproxy.config import PROXIES, words
from bootstrapper.haproxy.lines import Block, Servers, blocks, common_ends, servers_of
from bootstrapper.haproxy.options import Version
from bootstrapper.haproxy.scope import Scope, scope_of
from bootstrapper.haproxy.server import Server

OLDEST: Version = (2, 6)
_CONDITION = re.compile(r"^\s*\.(?:if|elif|else|endif)\b", re.MULTILINE)
_STRANGE = ("\0", "\x1c", "\x1d", "\x1e", "\x1f")
_STRANGE_OF_ANY = re.compile(r"[^\S \t\n\r\f\v]|\0")
"""White space that is none to HAProxy; and what it takes for the end of a file."""
_BREAKS = re.compile(r"[\s(),]+")
_ORDER = (Add, Switch, Reweigh, Move, Replace, Remove)


def difference(old: str, new: str, version: Version = OLDEST) -> Difference:
    """`version` is that of the HAProxy that runs."""
    if old == new:
        return Same()
    try:
        changes = sorted(_changes(old, new, version), key=lambda x: _ORDER.index(type(x)))
    except Mistake as error:
        return Reload(str(error))
    return Live(tuple(changes)) if changes else Same()


def _changes(old: str, new: str, version: Version) -> list[Change]:
    if any(".if" in text and _CONDITION.search(text) for text in (old, new)):
        raise Mistake("the file has conditional blocks")
    if not new.endswith("\n"):
        raise Mistake("the last line has no end")
    if any(_is_strange(text) for text in (old, new)):
        raise Mistake("the file has white space that HAProxy does not take for such")
    before, after = old.split("\n"), new.split("\n")
    was, now = blocks(before), blocks(after)
    _check_rest(was, now)
    head, tail = common_ends(before, after)
    found: list[Change] = []
    for at, (one, other) in enumerate(zip(was, now, strict=True)):
        gone = servers_of(one, before, head, tail)
        come = servers_of(other, after, head, tail)
        if gone.middle != come.middle:
            found += _in_section(scope_of(was, at), gone, come, version)
    _check_names(found, was, before, after)
    return found


def _is_strange(text: str) -> bool:
    if text.isascii():  # the usual, and the quick one
        return any(each in text for each in _STRANGE)
    return _STRANGE_OF_ANY.search(text) is not None


def _check_rest(was: Sequence[Block], now: Sequence[Block]) -> None:
    """All but the servers must be equal."""
    for one, other in zip(was, now, strict=False):
        if words(one.head) != words(other.head):
            raise Mistake(f"the sections differ: {(other.head or one.head).strip()}")
        old, new = [x for _, x in one.plain], [x for _, x in other.plain]
        if old != new:
            differs = [x for x in new if x not in old] or [x for x in old if x not in new]
            what = differs[0].split()[0] if differs else "the order of lines"
            raise Mistake(f"{' '.join(words(one.head))}: more than servers differs ({what})")
    if len(was) != len(now):
        raise Mistake("a section came or went")


def _in_section(scope: Scope, one: Servers, other: Servers, version: Version) -> list[Change]:
    if scope.kind not in PROXIES:
        raise Mistake(f"servers of a section {scope.kind or 'without a name'} differ")
    was, now = set(one.middle), set(other.middle)
    if len(was) != len(one.middle) or len(now) != len(other.middle):
        raise Mistake(f"{scope.backend} has the same server line twice")
    gone = _by_name((x for x in one.middle if x not in now), scope, version)
    come = _by_name((x for x in other.middle if x not in was), scope, version)
    stay = [x for x in other.middle if x in was]
    found = list(_paired(scope.backend, gone, come))
    scope.check(found, version, moved=stay != [x for x in one.middle if x in now])
    if any(isinstance(x, Add | Replace) for x in found):
        _check_kept(found, other.names_outside() | {line.split(None, 2)[1] for _, line in stay})
    return found


def _by_name(lines: Iterable[tuple[int, str]], scope: Scope, version: Version) -> dict[str, Server]:
    found: dict[str, Server] = {}
    for defaults, line in lines:
        server = scope.server(words(line), defaults, version)
        if server.name in found:
            raise Mistake(f"{scope.backend} has two servers {server.name}")
        found[server.name] = server
    return found


def _paired(backend: str, gone: dict[str, Server], come: dict[str, Server]) -> Iterator[Change]:
    for name, server in come.items():
        if name not in gone:
            yield Add(backend, server)
        elif gone[name].essence != server.essence:
            yield Replace(backend, gone[name], server)
        else:
            yield from _changed(backend, gone[name], server)
    yield from (Remove(backend, server) for name, server in gone.items() if name not in come)


def _changed(backend: str, old: Server, new: Server) -> Iterator[Change]:
    if old.has("disabled") != new.has("disabled"):
        yield Switch(backend, new)
    if old.weight != new.weight:
        yield Reweigh(backend, new)
    if old.place != new.place:
        yield Move(backend, new)


def _check_kept(changes: Sequence[Change], kept: set[str]) -> None:
    """One that is replaced is away for a moment, in which another must be there."""
    for change in changes:
        match change:
            case Add(backend, server) if server.name in kept:
                raise Mistake(f"{backend} has two servers {server.name}")
            case Replace(backend, old, _) if not kept:
                raise Mistake(f"options of {backend}/{old.name} differ, and no other server stays")


def _check_names(changes: Sequence[Change], was: Sequence[Block], *texts: Sequence[str]) -> None:
    """HAProxy does not let go of a server that another line names, and says so too late."""
    gone = [(x.backend, x.server.name) for x in changes if isinstance(x, Remove)]
    gone += [(x.backend, x.old.name) for x in changes if isinstance(x, Replace)]
    if not gone:
        return
    lines = [line for block in was for _, line in block.plain]
    lines += [x.partition(" track ")[2] for text in texts for x in text if " track " in x]
    named = {word for line in lines for word in _BREAKS.split(line)}
    for backend, name in gone:
        if not named.isdisjoint((name, f"{backend}/{name}")):
            raise Mistake(f"another line names the server {backend}/{name}")
