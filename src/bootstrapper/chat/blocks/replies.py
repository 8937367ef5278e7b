"""Short answers: what was done, what was wrong, and who said no."""

from bootstrapper.chat.blocks.text import (
    FALLBACK,
    SECTION,
    actions,
    button,
    clip,
    code,
    escape,
    moment,
    section,
)
from bootstrapper.chat.message import Message
from bootstrapper.errors import Denied, Error, Mistake
from bootstrapper.jobs.job import Job

FORM = "form.open"
ANY_FORM = "any"  # a button has no empty value
BROKEN = "Something broke while I did that: the log of `chat` has it."


def told(text: str) -> Message:
    """`text` is escaped already, where it holds others' words."""
    return Message(text=clip(text, FALLBACK), blocks=(section(text),))


def words(text: str) -> Message:
    return told(escape(text))


def as_said(text: str) -> Message:
    """As who wrote it marked it up: for the answers of plugins."""
    return Message(text=text)


def wrong(error: Error) -> Message:
    """A denial has its rule, and who could, in its text."""
    sign = ":no_entry:" if isinstance(error, Denied) else ":warning:"
    field = error.field if isinstance(error, Mistake) else ""
    text = str(error)
    named = f"{field}: {text}" if field and field not in text else text
    return told(f"{sign} {escape(clip(named, SECTION // 2))}")


def approved(job: Job) -> Message:
    asked = job.spec.approvals
    missing = max(0, asked.count - len(job.approved_by)) if asked else 0
    more = f", {missing} more of {escape(asked.group)} needed" if asked and missing else ""
    return told(f":white_check_mark: {code(job.id)} is approved by {_names(job)}{more}")


def ended(job: Job) -> Message:
    """Of a job that somebody canceled or rejected."""
    if job.final:
        return told(f":no_entry_sign: {code(job.id)} is {job.state}: {escape(job.reason)}")
    return told(f":no_entry_sign: {code(job.id)} is asked to stop")


def locked(resource: str, holder: str, until: str) -> Message:
    """`until`: RFC 3339; "": until somebody takes it away."""
    end = f" until {moment(until)}" if until else ""
    return told(f":lock: {code(resource)} is held by {escape(holder)}{end}")


def unlocked(resource: str, by: str) -> Message:
    return told(f":unlock: {code(resource)} is free: {escape(by)} held it")


def form_button(action: str) -> Message:
    """A form opens only within 3 s of a click or a slash command. "": that which asks for what."""
    text = f"Fill in the form for {code(action)}:" if action else "Choose what to run:"
    opens = actions(button(FORM, "Open the form", action or ANY_FORM, "primary"))
    return Message(text=text, blocks=(section(text), opens))


def _names(job: Job) -> str:
    return escape(", ".join(job.approved_by))
