"""What a section says that is about its servers, with what its defaults section says. Pure."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from bootstrapper.errors import Mistake
from bootstrapper.haproxy.changes import Add, Change, Replace
from bootstrapper.haproxy.config import name_and_base, words
from bootstrapper.haproxy.lines import Block
from bootstrapper.haproxy.options import Version
from bootstrapper.haproxy.server import Server, read_server

DYNAMIC = frozenset(("roundrobin", "leastconn", "first", "random"))
"""Algorithms of which a backend takes servers at run time."""
COOKIES: Version = (2, 8)
"""From here on a server added at run time may have a cookie."""

Words = tuple[str, ...]


class Scope(Struct, frozen=True):
    kind: str
    backend: str
    lines: tuple[Words, ...]
    inherited: tuple[Words, ...]
    """Lines of the defaults section."""

    def last(self, keyword: str) -> Words:
        return next((x for x in reversed((*self.inherited, *self.lines)) if x[0] == keyword), ())

    @property
    def balance(self) -> str:
        found = self.last("balance")
        return found[1].partition("(")[0] if len(found) > 1 else "roundrobin"

    def server(self, line: Sequence[str], defaults: int, version: Version) -> Server:
        """`defaults`: how many default-server lines of the section count for it."""
        own = [x[1:] for x in self.lines if x[0] == "default-server"][:defaults]
        above = [x[1:] for x in self.inherited if x[0] == "default-server"]
        inherited = tuple(word for each in (*above, *own) for word in each)
        return read_server(line, inherited, version)

    def check(self, changes: Sequence[Change], version: Version, *, moved: bool) -> None:
        """Mistake, with the reason, for what this backend cannot have changed at run time.

        `moved`: servers that stay stand in another order.
        """
        adds = any(isinstance(x, Add | Replace) for x in changes)
        if any(x[0] == "server-template" for x in self.lines):
            raise Mistake(f"{self.backend} has a server-template")
        if self.balance not in DYNAMIC:
            raise Mistake(f"{self.backend} balances by {self.balance}, which is fixed at start")
        if self.balance == "first" and (adds or moved):
            raise Mistake(f"{self.backend} takes its servers by their order, which differs")
        if adds and self.last("cookie") and version < COOKIES:
            raise Mistake(f"{self.backend} has a cookie, which HAProxy {version[0]}.{version[1]} "
                          "cannot set for a server added at run time")  # fmt: skip


def scope_of(sections: Sequence[Block], at: int) -> Scope:
    """Of the section number `at`."""
    head = words(sections[at].head)
    name, base = name_and_base(head)
    if not name:
        return Scope(head[0] if head else "", "", (), ())
    return Scope(head[0], name, _lines(sections[at]), tuple(_defaults(sections, at, base)))


def _lines(block: Block) -> tuple[Words, ...]:
    return tuple(words(line) for _, line in block.plain)


def _defaults(sections: Sequence[Block], at: int, base: str) -> Iterator[Words]:
    """The lines of the defaults section that holds for section `at`: the one above, or `from`."""
    for number in range(at - 1, -1, -1):
        head = words(sections[number].head)
        if head and head[0] == "defaults":
            name, above = name_and_base(head)
            if base in ("", name):
                if above:
                    yield from _defaults(sections, number, above)
                yield from _lines(sections[number])
                return
    if base:
        raise Mistake(f"no defaults section {base}")
