"""A journal as plain text, for people with `curl` and for files. Pure."""

from collections.abc import Iterable, Iterator

from bootstrapper.events import (
    AnyEvent,
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


def log_text(entries: Iterable[Entry]) -> Iterator[str]:
    """Lines with their ends."""
    for entry in entries:
        clock = entry.at[11:19]
        for number, line in enumerate(_lines(entry.event)):
            yield f"{clock if not number else ' ' * 8} {line}\n"


def _lines(event: AnyEvent) -> Iterator[str]:  # noqa: C901, PLR0912 (one case for each event)
    match event:
        case JobQueued(actor=actor, via=via, rule=rule):
            yield f"queued by {actor} via {via}, allowed by rule {rule!r}"
        case JobWaiting(reason=reason):
            yield reason
        case JobApproved(by=by, missing=missing):
            yield f"approved by {by}" + (f", {missing} more needed" if missing else "")
        case JobRejected(by=by, reason=reason):
            yield f"rejected by {by}" + (f": {reason}" if reason else "")
        case JobStarted(worker=worker, attempt=attempt, batch=batch):
            together = f", with {batch - 1} other jobs in one play" if batch > 1 else ""
            yield f"started by {worker}, attempt {attempt}{together}"
        case JobRepeated(reason=reason):
            yield reason
        case CancelAsked(by=by):
            yield f"{by} asked to cancel"
        case PlayStarted(play=play):
            yield f"PLAY [{play}]"
        case TaskStarted(task=task, role=role, handler=handler):
            kind = "HANDLER" if handler else "TASK"
            yield f"{kind} [{role} : {task}]" if role else f"{kind} [{task}]"
        case HostResult():
            yield from _result(event)
        case Said(text=text, level=level):
            yield from (text if level == "info" else f"[{level}] {text}").splitlines() or [""]
        case Recap(hosts=hosts):
            yield "RECAP"
            for host, counts in hosts.items():
                yield f"{host}: " + " ".join(f"{name}={n}" for name, n in counts.items())
        case JobEnded(state=state, reason=reason):
            yield f"{state}: {reason}" if reason else str(state)


def _result(event: HostResult) -> Iterator[str]:
    item = f" (item={event.item})" if event.item else ""
    yield f"{event.status}: [{event.host}]{item}" + (
        f" {event.seconds:.2f} s" if event.seconds else ""
    )
    for text in (event.message, event.diff, event.stdout, event.stderr):
        for line in text.splitlines():
            yield f"  {line}"
