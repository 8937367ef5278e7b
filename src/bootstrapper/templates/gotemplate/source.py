"""The Python source under construction: its lines, and for each the place that it stands for.

Text that is to be written is collected and leaves in one line; where a line fails tells, by its
number, where the template failed, so that a run that goes well pays nothing for its errors.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from bootstrapper.templates.gotemplate.nodes import Node


class Place(NamedTuple):
    """`callee` is the function whose failure the line would be."""

    template: str
    node: Node | None
    callee: str = ""


class Source:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.places: dict[int, Place] = {}
        self.constants: dict[str, Any] = {}
        self._depth = 0
        self._names = 0
        self._pieces: list[str] = []

    def text(self) -> str:
        return "\n".join(self.lines) + "\n"

    def line(self, code: str, place: Place | None = None) -> None:
        self.lines.append(" " * self._depth + code)
        if place:
            self.places[len(self.lines)] = place

    def name(self, of: str = "v") -> str:
        self._names += 1
        return f"{of}{self._names}"

    def constant(self, value: Any, of: str = "k") -> str:
        name = self.name(of)
        self.constants[name] = value
        return name

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        self.flush()
        self.line(head)
        self._depth += 1
        before = len(self.lines)
        yield
        self.flush()
        if len(self.lines) == before:
            self.line("pass")
        self._depth -= 1

    def write_text(self, text: str) -> None:
        self._pieces.append(repr(text))

    def write_value(self, code: str) -> None:
        """Of a string or an integer; a string literal is text as it stands."""
        self._pieces.append(code if code[0] in "'\"" else f"f'{{{code}}}'")

    def flush(self) -> None:
        if self._pieces:
            self.line(f"write({' '.join(self._pieces)})")
            self._pieces.clear()
