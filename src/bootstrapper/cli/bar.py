"""A followed job on a terminal: what changed or failed scrolls by, the rest is in one live bar."""

from collections.abc import Iterable
from contextlib import AbstractContextManager

from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.text import Text

from bootstrapper.cli.output import Output
from bootstrapper.cli.telling.lines import Line, clean
from bootstrapper.cli.telling.story import Story
from bootstrapper.cli.telling.times import duration
from bootstrapper.events import Entry

WIDTH = 40  # letters of a task's name that fit beside the bar


class _Clock(ProgressColumn):
    """Since the job is followed; rich's own stops at the first task that all hosts have done."""

    def render(self, task: Task) -> Text:
        return Text(duration(float(int(task.get_time() - (task.start_time or 0)))))


class BarScreen:
    def __init__(self, out: Output) -> None:
        self._out = out
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.completed:.0f}/{task.total:.0f} hosts", markup=False),
            TextColumn("{task.fields[counts]}", markup=False),
            _Clock(),
            transient=True,
        )
        self._task = self._progress.add_task("", total=1, counts="")

    def show(self, entry: Entry, story: Story, lines: Iterable[Line]) -> None:
        for line in lines:
            text = Text(line.text, style=line.tone.value)
            self._progress.console.print(text, soft_wrap=True, highlight=False)
        self._progress.update(
            self._task,
            description=clean(description(story)),
            total=max(len(story.job.hosts), story.done, 1),
            completed=story.done,
            counts=counts(story),
        )

    def live(self) -> AbstractContextManager[object]:
        return self._progress


def description(story: Story) -> str:
    text = story.waiting or story.task or story.state.value
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def counts(story: Story) -> str:
    return " ".join(f"{name}={number}" for name, number in story.counts.items())
