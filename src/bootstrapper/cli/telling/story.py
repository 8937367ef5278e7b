"""A job as its reader has followed it so far: entries in, a new story and its lines out. Pure.

The same story feeds the plain log, the terminal's bar and the recap at the end.
"""

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from bootstrapper.cli.telling.jobs import about, tell_end, tell_wait
from bootstrapper.cli.telling.lines import Line, Tone, clean
from bootstrapper.cli.telling.recap import tell_failures, tell_recap
from bootstrapper.cli.telling.results import heading_of, is_quiet, tell_result
from bootstrapper.client.views import Job
from bootstrapper.events import (
    CancelAsked,
    Entry,
    HostResult,
    JobApproved,
    JobEnded,
    JobQueued,
    JobRejected,
    JobRepeated,
    JobStarted,
    JobWaiting,
    PlayStarted,
    Recap,
    Said,
    TaskStarted,
)
from bootstrapper.jobs.states import State

Detail = Literal["all", "changes"]
"""`changes` leaves out what was merely ok or skipped: a terminal shows that in its bar."""

SAID = {"info": Tone.PLAIN, "warning": Tone.CHANGED, "error": Tone.BAD}


class Story(Struct, frozen=True, kw_only=True):
    """`seq` is the last entry told; `waiting` why the job waits; `done` hosts of this `task`.

    `untold` is a task's heading that waits for a line worth showing below it. `items` are the
    hosts whose loop was told item by item, each with its last failed item.
    """

    job: Job
    detail: Detail = "all"
    seq: int = 0
    state: State = State.PENDING
    started: str = ""
    waiting: str = ""
    task: str = ""
    module: str = ""
    untold: str = ""
    done: int = 0
    items: dict[str, HostResult | None] = {}
    counts: dict[str, int] = {}
    failures: tuple[HostResult, ...] = ()


def tell(story: Story, entry: Entry) -> tuple[Story, tuple[Line, ...]]:
    story = replace(story, seq=entry.seq)
    match entry.event:
        case TaskStarted() as event:
            return _task(story, event)
        case HostResult() as event:
            return _result(story, event)
        case JobWaiting() as event:
            return replace(story, waiting=event.reason, state=State.WAITING), tell_wait(
                story.job, event
            )
        case JobStarted() as event:
            story = replace(
                story, started=entry.at, waiting="", state=State.RUNNING, failures=(), task=""
            )
            return story, (Line(_started(event)),)
        case Recap(hosts=hosts):
            return story, (*tell_failures(story.failures), *tell_recap(hosts))
        case JobEnded() as event:
            return replace(story, state=event.state, waiting=""), tell_end(
                event, story.started, entry.at
            )
        case event:
            return story, _plain(story, event)


def _plain(
    story: Story,
    event: JobQueued | JobApproved | JobRejected | JobRepeated | CancelAsked | PlayStarted | Said,
) -> tuple[Line, ...]:
    match event:
        case JobQueued(actor=actor, rule=rule):
            by = f", allowed by rule {rule!r}" if rule else ""
            return (Line(f"job {story.job.id}: {about(story.job)}, for {actor}{by}"),)
        case JobApproved(by=by, missing=missing):
            return (Line(f"approved by {by}" + (f"; {missing} missing" if missing else "")),)
        case JobRejected(by=by, reason=reason):
            return (Line(clean(f"rejected by {by}" + (f": {reason}" if reason else ""))),)
        case JobRepeated(reason=reason, attempt=attempt):
            return (Line(clean(f"attempt {attempt}: {reason}"), Tone.CHANGED),)
        case CancelAsked(by=by):
            return (Line(f"cancel asked by {by}", Tone.CHANGED),)
        case PlayStarted(play=play):
            return (Line(clean(f"PLAY [{play}]"), Tone.HEADING),)
        case Said(text=text, level=level):
            return (Line(clean(text), SAID[level]),)


def _started(event: JobStarted) -> str:
    attempt = f", attempt {event.attempt}" if event.attempt > 1 else ""
    others = f", together with {event.batch - 1} more" if event.batch > 1 else ""
    return f"started on {event.worker}{attempt}{others}"


def _task(story: Story, event: TaskStarted) -> tuple[Story, tuple[Line, ...]]:
    task = heading_of(event)
    story = replace(story, task=task, module=event.action, done=0, items={}, untold="")
    if story.detail == "all":
        return story, (_heading(task),)
    return replace(story, untold=task), ()


def _result(story: Story, event: HostResult) -> tuple[Story, tuple[Line, ...]]:
    by_item = event.host in story.items and not event.item
    lines = () if by_item else tell_result(event, story.task, adhoc=_is_adhoc(story))
    if story.detail == "changes" and is_quiet(event, lines):
        lines = ()
    if lines and story.untold:
        lines = (_heading(story.untold), *lines)
        story = replace(story, untold="")
    return (_with_item(story, event) if event.item else _with_host(story, event)), lines


def _is_adhoc(story: Story) -> bool:
    """Whoever runs one module wants to see what it says."""
    return story.job.action == "run-module" or story.module.rpartition(".")[2] == "debug"


def _with_item(story: Story, event: HostResult) -> Story:
    before = story.items.get(event.host)
    failed = event if event.status in {"failed", "unreachable"} else before
    return replace(story, items=story.items | {event.host: failed})


def _with_host(story: Story, event: HostResult) -> Story:
    if event.status == "retry":
        return story
    counts = story.counts | {event.status: story.counts.get(event.status, 0) + 1}
    failures = story.failures
    if event.status in {"failed", "unreachable"}:
        failures = (*failures, story.items.get(event.host) or event)
    done = story.done + (event.task == story.task)
    return replace(story, counts=counts, failures=failures, done=done)


def _heading(task: str) -> Line:
    return Line(clean(f"TASK [{task}]"), Tone.HEADING)
