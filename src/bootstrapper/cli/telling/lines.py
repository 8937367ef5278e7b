"""A line for people, and its tone; what colour a tone has is the output's business."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from msgspec import Struct


class Tone(StrEnum):
    """Values are names of colours as rich and ANSI both know them."""

    PLAIN = ""
    HEADING = "bold"
    GOOD = "green"
    CHANGED = "yellow"
    BAD = "red"
    WAITING = "cyan"
    DIM = "dim"


class Line(Struct, frozen=True):
    text: str
    tone: Tone = Tone.PLAIN


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_BREAK = re.compile(r"[\t\n\u2028\u2029]")


def clean(text: str) -> str:
    """A managed host's output must not steer the reader's terminal."""
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """What stands beside something else must not look like a line of its own."""
    return _BREAK.sub(lambda found: repr(found[0])[1:-1], clean(text))


def indented(text: str, tone: Tone = Tone.PLAIN, by: str = "    ") -> tuple[Line, ...]:
    return tuple(Line(f"{by}{each}", tone) for each in clean(text).rstrip("\n").split("\n") if text)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> tuple[Line, ...]:
    """Columns as wide as their widest cell; the last one is left ragged."""
    cells = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(headings, *cells, strict=True)]
    return (
        Line(_row(headings, widths), Tone.HEADING),
        *(Line(_row(row, widths)) for row in cells),
    )


def pairs(named: Iterable[tuple[str, str]]) -> tuple[Line, ...]:
    """`name  value`, without those that are empty."""
    shown = [(name, clean(value)) for name, value in named if value]
    width = max((len(name) for name, _ in shown), default=0)
    return tuple(Line(f"{name:<{width}}  {value}") for name, value in shown)


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(f"{c:<{w}}" for c, w in zip(cells, widths, strict=True)).rstrip()
