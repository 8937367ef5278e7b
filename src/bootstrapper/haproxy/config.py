"""haproxy.cfg as sections and lines. Pure.

Words are split as HAProxy does it: quotes, backslashes, comments
(https://docs.haproxy.org/2.6/configuration.html, 2.2). Environment variables are left as they are
written: whoever needs their value must ask HAProxy.
"""

from collections.abc import Iterator

from msgspec import Struct

from bootstrapper.errors import Mistake

KINDS = frozenset((
    "global", "defaults", "frontend", "backend", "listen", "peers", "resolvers", "mailers",
    "userlist", "program", "ring", "cache", "http-errors", "fcgi-app", "log-forward",
    "crt-store", "traces", "log-profile", "acme",
))  # fmt: skip
PROXIES = frozenset(("backend", "listen"))
"""The sections whose `server` lines take traffic."""

_SPECIAL = frozenset("\\\"'#")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


class Line(Struct, frozen=True):
    """`number` counts from 1."""

    number: int
    words: tuple[str, ...]


class Section(Struct, frozen=True):
    """`base` is the defaults section that it names with `from`."""

    kind: str
    name: str
    base: str
    lines: tuple[Line, ...]


def parse(text: str) -> tuple[Section, ...]:
    """Blank lines and comments are left out. Mistake for a quote that is never closed."""
    sections: list[Section] = []
    lines: list[Line] = []
    head: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), 1):
        if not (found := words(line, number)):
            continue
        if found[0] in KINDS:
            if head:
                sections.append(_section(head, lines))
            head, lines = found, []
        elif head:
            lines.append(Line(number, found))
    return (*sections, _section(head, lines)) if head else ()


def _section(head: tuple[str, ...], lines: list[Line]) -> Section:
    name, base = name_and_base(head)
    return Section(head[0], name, base, tuple(lines))


def name_and_base(head: tuple[str, ...]) -> tuple[str, str]:
    """`backend web from fast`: web and fast. A defaults section may have no name."""
    rest = head[1:]
    if "from" in rest:
        at = rest.index("from")
        return (rest[0] if at else "", rest[at + 1] if at + 1 < len(rest) else "")
    return (rest[0] if rest else "", "")


def kind_of(line: str) -> str:
    """The kind of section that this line begins, or nothing."""
    first = line.split(None, 1)
    return first[0] if first and first[0] in KINDS else ""


def words(line: str, number: int = 0) -> tuple[str, ...]:
    if _SPECIAL.isdisjoint(line):
        return tuple(line.split())
    return tuple(_split(line, number))


def _split(line: str, number: int) -> Iterator[str]:
    word: list[str] | None = None
    quote, at = "", 0
    while at < len(line):
        each, at = line[at], at + 1
        if not quote and (each.isspace() or each == "#"):
            if word is not None:
                yield "".join(word)
            word = None
            if each == "#":
                return
            continue
        word = word or []
        if each == "\\" and quote != "'":
            each, at = _escaped(line, at, quote)
        elif each in "\"'" and quote in ("", each):
            quote = "" if quote else each
            each = ""
        word.append(each)
    if quote:
        raise Mistake(f"line {number}: a quote is never closed")
    if word is not None:
        yield "".join(word)


def _escaped(line: str, at: int, quote: str) -> tuple[str, int]:
    """What a backslash before `at` makes of what follows, and where to go on."""
    if at >= len(line):
        return "\\", at
    letter = line[at]
    if letter == "x" and not quote:
        try:
            return chr(int(line[at + 1 : at + 3], 16)), at + 3
        except ValueError:
            raise Mistake(f"{line.strip()!r}: \\x wants two hexadecimal digits") from None
    if quote:
        return (letter if letter in '\\"$' else f"\\{letter}"), at + 1
    return _ESCAPES.get(letter, letter), at + 1
