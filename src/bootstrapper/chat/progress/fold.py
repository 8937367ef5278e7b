"""Entry by entry, a journal becomes a Progress. Read twice, an entry changes nothing."""

from collections.abc import Iterable, Mapping

import msgspec

from bootstrapper.chat.progress.progress import Failure, Play, Progress, Status
from bootstrapper.events import (
    CancelAsked,
    Counts,
    Entry,
    HostResult,
    HostStatus,
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

KEPT = 20  # failures that are remembered one by one
SHORT = 300  # letters of a text that is kept
_WORST: tuple[Status, ...] = ("ok", "changed", "failed", "unreachable")
_COUNTS: Mapping[HostStatus, Status] = {
    "ok": "ok", "skipped": "ok", "ignored": "ok",
    "changed": "changed", "failed": "failed", "unreachable": "unreachable",
}  # fmt: skip

_change = msgspec.structs.replace


def fold_all(progress: Progress, entries: Iterable[Entry]) -> Progress:
    for entry in entries:
        progress = fold(progress, entry)
    return progress


def fold(progress: Progress, entry: Entry) -> Progress:
    if entry.seq <= progress.seq:
        return progress
    return _change(_folded(progress, entry), seq=entry.seq)


def _folded(was: Progress, entry: Entry) -> Progress:  # noqa: C901 (a case for each event)
    match entry.event:
        case JobQueued():
            return _change(was, queued=entry.at)
        case JobWaiting():
            return _waiting(was, entry.event, entry.seq)
        case JobApproved(by=by, missing=missing):
            state = was.state if missing else State.PENDING
            return _change(was, approved_by=(*was.approved_by, by), missing=missing, state=state)
        case JobRejected() | CancelAsked() as asked:
            return _change(was, cancel_by=asked.by)
        case JobStarted():
            return _started(was, entry.event, entry.at)
        case JobRepeated(reason=reason):
            return _change(_anew(was), state=State.PENDING, reason=_short(reason))
        case JobEnded(state=state, reason=reason):
            return _change(was, state=state, reason=_short(reason), ended=entry.at, waits_for="")
        case PlayStarted(play=play, hosts=hosts, tasks=tasks):
            number = was.play.number + 1
            return _change(was, play=Play(number=number, name=play, hosts=hosts, tasks=tasks))
        case TaskStarted():
            return _change(was, play=_task(was.play, entry.event), pending=())
        case HostResult():
            return _result(was, entry.event, entry.seq)
        case Said(text=text, level=level):
            return was if level == "info" else _change(was, said=_short(text))
        case Recap(hosts=hosts):
            return _recapped(was, hosts)


def _waiting(was: Progress, event: JobWaiting, seq: int) -> Progress:
    """Asked for approvals anew, those that were given count no more."""
    asked = event.for_ == "approval"
    return _change(
        was,
        state=State.WAITING,
        reason=_short(event.reason),
        waits_for=event.for_,
        held_by=event.held_by,
        asked=seq if asked else was.asked,
        approved_by=() if asked else was.approved_by,
        missing=0 if asked else was.missing,
    )


def _started(was: Progress, event: JobStarted, at: str) -> Progress:
    return _change(
        _anew(was),
        state=State.RUNNING,
        started=was.started or at,
        worker=event.worker,
        attempt=event.attempt,
        batch=event.batch,
    )


def _anew(was: Progress) -> Progress:
    """What a run before has said of hosts and tasks is not so any more."""
    return _change(
        was, reason="", waits_for="", held_by="", play=Play(), hosts={},
        failures=(), failed=0, pending=(),
    )  # fmt: skip


def _task(play: Play, event: TaskStarted) -> Play:
    name = f"{event.role} : {event.task}" if event.role else event.task
    begun = play.begun + (not event.handler)
    return _change(play, task=_short(name), begun=begun, answered=0)


def _result(was: Progress, event: HostResult, seq: int) -> Progress:
    """An item's failure counts if its task fails: it may be ignored there."""
    failure = Failure(
        seq=seq, host=event.host, task=_short(event.task), message=_said(event), item=event.item
    )
    if event.item:
        room = event.status == "failed" and len(was.pending) < KEPT
        return _change(was, pending=(*was.pending, failure)) if room else was
    if event.status not in _COUNTS:
        return was
    play = _change(was.play, answered=was.play.answered + 1)
    was = _change(was, play=play, hosts=_with(was.hosts, event.host, _COUNTS[event.status]))
    items = [each for each in was.pending if each.host == event.host]
    pending = (
        tuple(each for each in was.pending if each.host != event.host) if items else was.pending
    )
    if event.status not in ("failed", "unreachable"):
        return _change(was, pending=pending)
    kept = items[0] if items else failure
    failures = (*was.failures, kept) if len(was.failures) < KEPT else was.failures
    return _change(was, pending=pending, failures=failures, failed=was.failed + 1, last_failure=seq)


def _with(hosts: dict[str, Status], host: str, status: Status) -> dict[str, Status]:
    had = hosts.get(host, "ok")
    worst = max(had, status, key=_WORST.index)
    return hosts if worst == had and host in hosts else {**hosts, host: worst}


def _recapped(was: Progress, recap: Mapping[str, Counts]) -> Progress:
    """Ansible's own word at the end: a failure that was rescued is none."""
    hosts = {host: _status(counts) for host, counts in recap.items()}
    rescued = [each for each in was.failures if hosts.get(each.host) in ("ok", "changed")]
    failures = tuple(each for each in was.failures if each not in rescued)
    return _change(
        was, hosts={**was.hosts, **hosts}, failures=failures, failed=was.failed - len(rescued),
    )  # fmt: skip


def _status(counts: Counts) -> Status:
    if counts.get("unreachable"):
        return "unreachable"
    if counts.get("failures"):
        return "failed"
    return "changed" if counts.get("changed") else "ok"


def _said(event: HostResult) -> str:
    return _short(event.message or event.stderr or event.stdout)


def _short(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"
