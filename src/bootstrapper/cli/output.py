"""Where everything that the CLI says goes out: the only module that writes.

Answers go to stdout, remarks and errors to stderr, so that an answer can be piped.
"""

import os
import sys
from collections.abc import Callable, Iterable
from typing import Any, TextIO, TypeVar

import msgspec

from bootstrapper.cli.telling.lines import Line, Tone

T = TypeVar("T")

ANSI = {
    Tone.HEADING: "1",
    Tone.GOOD: "32",
    Tone.CHANGED: "33",
    Tone.BAD: "31",
    Tone.WAITING: "36",
    Tone.DIM: "2",
}


class Output:
    def __init__(self, out: TextIO, err: TextIO, *, json: bool = False) -> None:
        self._out = out
        self._err = err
        self.json = json
        self.has_bar = out.isatty() and not json and os.environ.get("TERM", "dumb") != "dumb"
        self.can_ask = out.isatty() and not json and sys.stdin.isatty()

    def show(self, value: T, tell: Callable[[T], Iterable[Line]]) -> None:
        """The value as one line of JSON, or as what `tell` makes of it."""
        if self.json:
            self.data(value)
        else:
            self.lines(tell(value))

    def done(self, value: Any, text: str) -> None:
        """A command that only did something: a sentence, or what it did as JSON."""
        self.show(value, lambda _: (Line(text),))

    def lines(self, lines: Iterable[Line]) -> None:
        for line in lines:
            self._out.write(painted(line, colour=colourful(self._out)) + "\n")
        self._out.flush()

    def redraw(self, lines: Iterable[Line]) -> None:
        """Instead of what is on the terminal, in one write, so that nothing flickers."""
        text = "".join(f"{painted(x, colour=colourful(self._out))}\x1b[K\n" for x in lines)
        self._out.write(f"\x1b[H{text}\x1b[J")
        self._out.flush()

    def data(self, value: Any) -> None:
        self._out.write(msgspec.json.encode(value).decode() + "\n")
        self._out.flush()

    def text(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()

    def bytes(self, content: bytes) -> None:
        self._out.flush()
        self._out.buffer.write(content)
        self._out.flush()

    def note(self, text: str, tone: Tone = Tone.DIM) -> None:
        self._err.write(painted(Line(text, tone), colour=colourful(self._err)) + "\n")
        self._err.flush()

    def ask(self, question: str) -> str:
        """One line from the person at the terminal; empty when they left."""
        self._err.write(question)
        self._err.flush()
        try:
            return input().strip()
        except EOFError:
            return ""

    def hang_up(self) -> None:
        """Nobody reads stdout any more: say nothing else there, not even at exit."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), self._out.fileno())


def painted(line: Line, *, colour: bool) -> str:
    if not colour or line.tone is Tone.PLAIN:
        return line.text
    return f"\x1b[{ANSI[line.tone]}m{line.text}\x1b[0m"


def colourful(stream: TextIO) -> bool:
    """https://no-color.org: the variable counts when it is not empty."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
