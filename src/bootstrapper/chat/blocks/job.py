"""The message of a job: what, where and who; how it goes, failures first; what may be done."""

import re
from collections.abc import Iterator

from bootstrapper.chat.blocks.text import (
    FALLBACK,
    SECTION,
    actions,
    button,
    clip,
    code,
    context,
    escape,
    lasted,
    moment,
    plain,
    section,
)
from bootstrapper.chat.message import Block, Message
from bootstrapper.chat.progress.asked import Asked
from bootstrapper.chat.progress.bar import bar
from bootstrapper.chat.progress.progress import Failure, Progress
from bootstrapper.jobs.states import State

APPROVE = "job.approve"
REJECT = "job.reject"
DIFF = "job.diff"
CANCEL = "job.cancel"
RERUN = "job.rerun"
RERUN_FAILED = "job.rerun_failed"
LOG = "job.log"
OUTPUT = "job.output"

EMOJI = {
    State.PENDING: ":hourglass:",
    State.WAITING: ":hourglass_flowing_sand:",
    State.RUNNING: ":arrow_forward:",
    State.SUCCESSFUL: ":white_check_mark:",
    State.FAILED: ":x:",
    State.ERROR: ":x:",
    State.CANCELED: ":no_entry_sign:",
    State.LOST: ":ghost:",
}
APPROVAL = ":raised_hand:"
NAMED = 8  # approvers that are named
MESSAGE = 200  # letters of a failure's message


_USER = re.compile(r"[UW][A-Z0-9]+")


def mark_of(job_id: str) -> str:
    return f"card {job_id}"


def job_message(asked: Asked, progress: Progress) -> Message:
    """Approve and Reject carry `<job id> <digest>`, the other buttons the job's id."""
    blocks = (
        section(_title(asked, progress)),
        *_failures(progress),
        *_course(asked, progress),
        *_plan(asked, progress),
        context(_origin(asked, progress)),
        *_buttons(asked, progress),
    )
    return Message(text=fallback(asked, progress), blocks=blocks, mark=mark_of(asked.id))


def fallback(asked: Asked, progress: Progress) -> str:
    """In one line, for notifications."""
    failed = f", {progress.failed} failed" if progress.failed else ""
    text = f"{asked.action} {asked.what} {where(asked)}: {state_words(progress)}{failed}"
    return clip(plain(text, FALLBACK), FALLBACK)


def where(asked: Asked) -> str:
    """`staging · 12 hosts: web1, web2 and 10 more`."""
    named = ", ".join(asked.hosts)
    more = asked.targets - len(asked.hosts)
    hosts = f"{named} and {more} more" if more else named
    if asked.targets > 1:
        hosts = f"{asked.targets} hosts: {hosts}"
    return " · ".join(part for part in (asked.env, hosts) if part)


def state_words(progress: Progress) -> str:
    if progress.for_approval:
        return "waits for approval"
    if progress.cancel_by and progress.state is State.RUNNING:
        return "running, to be canceled"
    return str(progress.state)


def emoji(progress: Progress) -> str:
    if progress.for_approval:
        return APPROVAL
    trouble = progress.state is State.RUNNING and progress.failed
    return ":warning:" if trouble else EMOJI[progress.state]


def counts(progress: Progress) -> str:
    """`3 ok · 1 changed · 2 failed · 1 unreachable`: hosts by the worst that they have said."""
    told = ((name, progress.count(name)) for name in ("failed", "unreachable", "changed", "ok"))
    return " · ".join(f"{count} {name}" for name, count in told if count)


def failure_line(failure: Failure) -> str:
    item = f" (item {plain(failure.item, 80)})" if failure.item else ""
    message = plain(failure.message, MESSAGE)
    told = f": {message}" if message else ""
    return f":x: *{plain(failure.host, 100)}* · {plain(failure.task, 150)}{item}{told}"


def _title(asked: Asked, progress: Progress) -> str:
    what = f" {code(asked.what, 700)}" if asked.what else ""
    place = plain(where(asked), 600)
    return f"{emoji(progress)} *{plain(asked.action, 100)}*{what}\n*{state_words(progress)}*" + (
        f" · {place}" if place else ""
    )


def _failures(progress: Progress) -> Iterator[Block]:
    """As many as a section takes, and how many more there are."""
    if not progress.failed:
        return
    lines: list[str] = []
    room = SECTION - 40
    for failure in progress.failures:
        line = failure_line(failure)
        if len(line) + 1 > room:
            break
        lines.append(line)
        room -= len(line) + 1
    if progress.failed > len(lines):
        lines.append(f"and {progress.failed - len(lines)} more failed")
    yield section("\n".join(lines))


def _course(asked: Asked, progress: Progress) -> Iterator[Block]:
    lines = [
        bar(progress, asked.targets),
        code(progress.play.task) if progress.play.task and not progress.final else "",
        counts(progress),
        plain(progress.reason, 500) if not progress.for_approval else "",
        f"held by {plain(progress.held_by, 100)}" if _locked(progress) else "",
        f":warning: {plain(progress.said, 300)}" if progress.said else "",
        f"{plain(progress.cancel_by, 100)} asked to cancel" if _canceling(progress) else "",
    ]
    if told := [line for line in lines if line]:
        yield section("\n".join(told))


def _locked(progress: Progress) -> bool:
    """Whether somebody holds it whom the reason does not name."""
    waits = progress.state is State.WAITING and ":" in progress.waits_for
    return waits and bool(progress.held_by) and progress.held_by not in progress.reason


def _canceling(progress: Progress) -> bool:
    return bool(progress.cancel_by) and not progress.final


def _plan(asked: Asked, progress: Progress) -> Iterator[Block]:
    """What an approver says yes to."""
    approvals = asked.approvals
    if not progress.for_approval or approvals is None:
        return
    group = escape(approvals.group)
    missing = max(0, approvals.count - len(progress.approved_by))
    given = _approvers(progress)
    until = moment(approvals.expires)
    yield section(
        f"*Plan* {code(approvals.digest[:12])}: {asked.targets or 'no'} "
        f"host{'s' * (asked.targets != 1)}, risk {escape(asked.risk)}\n"
        f"*Approvals*: {approvals.count} of {group}, {missing} missing"
        + (f"; given by {given}" if given else "")
        + f"\nMembers of {group} may approve until {until}, but for {plain(asked.actor, 80)}"
    )


def _origin(asked: Asked, progress: Progress) -> str:
    parts = [
        f"asked by {_who(asked)} via {plain(asked.via, 40)}",
        f"rule {plain(asked.rule, 100)}" if asked.rule else "",
        f"approved by {_approvers(progress)}" if _approved(progress) else "",
        f"schedule {plain(asked.schedule, 100)}" if asked.schedule else "",
        f"again after {code(asked.rerun_of)}" if asked.rerun_of else "",
        f"attempt {progress.attempt}" if progress.attempt > 1 else "",
        f"with {progress.batch - 1} other jobs in one play" if progress.batch > 1 else "",
        f"since {moment(progress.started)}" if progress.started and not progress.final else "",
        f"took {lasted(progress.started, progress.ended)}" if _timed(progress) else "",
        f"job {code(asked.id)}",
    ]
    return " · ".join(part for part in parts if part)


def _who(asked: Asked) -> str:
    actor = plain(asked.actor, 100)
    return f"<@{asked.by}> ({actor})" if _USER.fullmatch(asked.by) else actor


def _approvers(progress: Progress) -> str:
    return ", ".join(plain(name, 80) for name in progress.approved_by[:NAMED])


def _approved(progress: Progress) -> bool:
    return bool(progress.approved_by) and not progress.for_approval


def _timed(progress: Progress) -> bool:
    return bool(progress.started and progress.ended)


def _buttons(asked: Asked, progress: Progress) -> Iterator[Block]:
    if progress.final:
        yield actions(*_after(asked, progress))
        return
    if progress.for_approval and asked.approvals:
        bound = f"{asked.id} {asked.approvals.digest}"
        diff = [button(DIFF, "Show diff", asked.id)] if asked.can_diff else []
        yield actions(
            button(APPROVE, "Approve", bound, "primary"),
            button(REJECT, "Reject", bound, "danger"),
            *diff,
            button(CANCEL, "Cancel", asked.id),
        )
    elif not progress.cancel_by:
        yield actions(button(CANCEL, "Cancel", asked.id, "danger"))


def _after(asked: Asked, progress: Progress) -> Iterator[Block]:
    yield button(RERUN, "Run again", asked.id)
    if asked.can_limit and (progress.count("failed") or progress.count("unreachable")):
        yield button(RERUN_FAILED, "Limit to failed hosts", asked.id)
    yield button(LOG, "Log", asked.id)
    if progress.started:
        yield button(OUTPUT, "All output", asked.id)
