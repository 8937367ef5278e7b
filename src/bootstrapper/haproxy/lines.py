"""Where two texts differ, by line and section. Pure, and quick: files may be long.

All lines of a file but its servers are few, and are looked at whole. Of the servers only those
between the first and the last line that differ.
"""

from bisect import bisect_left
from collections.abc import Sequence

from msgspec import Struct

from bootstrapper.haproxy.config import kind_of

Numbered = tuple[tuple[int, str], ...]


class Block(Struct, frozen=True):
    """A section: `plain` are its lines but servers, blank ones and comments; all with numbers."""

    at: int
    end: int
    head: str
    plain: Numbered

    @property
    def defaults(self) -> list[int]:
        """The lines from which on a further default-server holds."""
        return [at for at, line in self.plain if line.split(None, 1)[0] == "default-server"]


def blocks(lines: Sequence[str]) -> tuple[Block, ...]:
    """The first has no head: it is what stands before the first section."""
    found: list[Block] = []
    at, head = -1, ""
    plain: list[tuple[int, str]] = []
    for number, line in enumerate(lines):
        if line.lstrip()[:7] == "server ":
            continue
        word = line.split(None, 1)[0] if line and not line.isspace() else "#"
        if word[0] == "#" or word == "server":
            continue
        if kind_of(word):
            found.append(Block(at, number, head, tuple(plain)))
            at, head, plain = number, line, []
        else:
            plain.append((number, line))
    return (*found, Block(at, len(lines), head, tuple(plain)))


def common_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many lines are equal at the beginning, and how many of the others at the end."""
    most = min(len(old), len(new))
    head = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), most)
    ends = zip(reversed(old), reversed(new), strict=False)
    tail = next((n for n, (a, b) in enumerate(ends) if a != b), most)
    return head, min(tail, most - head)


class Servers(Struct, frozen=True):
    """A section's server lines, with the number of default-server lines above each of them.

    `middle` are those from the first to the last line of the file that differs; `outside` are all
    other lines of the section.
    """

    middle: tuple[tuple[int, str], ...]
    outside: Sequence[str]

    def names_outside(self) -> set[str]:
        found = (line.split(None, 2) for line in self.outside if line.lstrip()[:6] == "server")
        return {words[1] for words in found if words[0] == "server" and len(words) > 1}


def servers_of(block: Block, lines: Sequence[str], head: int, tail: int) -> Servers:
    """`head` and `tail` as from `common_ends`."""
    first = min(max(block.at + 1, head), block.end)
    last = max(first, min(block.end, len(lines) - tail))
    defaults = block.defaults
    return Servers(
        tuple(
            (bisect_left(defaults, first + n), line)
            for n, line in enumerate(lines[first:last])
            if _is_server(line)
        ),
        (*lines[block.at + 1 : first], *lines[last : block.end]),
    )


def _is_server(line: str) -> bool:
    return line.lstrip()[:6] == "server" and line.split(None, 1)[0] == "server"
