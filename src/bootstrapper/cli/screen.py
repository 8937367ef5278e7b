"""Where a followed job is shown: plain lines, JSON lines, or lines above a live bar."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from bootstrapper.cli.output import Output
from bootstrapper.cli.telling.lines import Line
from bootstrapper.cli.telling.story import Story
from bootstrapper.client.entries import as_json
from bootstrapper.events import Entry


class Screen(Protocol):
    def show(self, entry: Entry, story: Story, lines: Iterable[Line]) -> None: ...

    def live(self) -> AbstractContextManager[object]:
        """While the job is followed; left while a question is asked."""
        ...


class LineScreen:
    def __init__(self, out: Output) -> None:
        self._out = out

    def show(self, entry: Entry, story: Story, lines: Iterable[Line]) -> None:
        self._out.lines(lines)

    def live(self) -> AbstractContextManager[object]:
        return nullcontext()


class JsonScreen(LineScreen):
    def show(self, entry: Entry, story: Story, lines: Iterable[Line]) -> None:
        self._out.data(as_json(entry))


def screen_for(out: Output, *, live: bool) -> Screen:
    if out.json:
        return JsonScreen(out)
    if live and out.has_bar:
        from bootstrapper.cli.bar import BarScreen

        return BarScreen(out)
    return LineScreen(out)
