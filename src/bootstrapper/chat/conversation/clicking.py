"""Buttons: each does what an order in words does, as who clicked.

What shows on the card by itself is not said again.
"""

from collections.abc import Callable

import msgspec

from bootstrapper.chat.blocks import job as card
from bootstrapper.chat.blocks.replies import ANY_FORM, FORM
from bootstrapper.chat.conversation.callers import require_known
from bootstrapper.chat.conversation.forming import opened
from bootstrapper.chat.conversation.job_orders import log_of, output_of
from bootstrapper.chat.conversation.once import approve_once, cancel_once, reject_once
from bootstrapper.chat.conversation.reach import RIGHTS
from bootstrapper.chat.conversation.reply import Card, Reply
from bootstrapper.chat.conversation.turn import Turn
from bootstrapper.chat.heard import Clicked, Place
from bootstrapper.control.looking import readable
from bootstrapper.control.rerun import rehearse, rerun
from bootstrapper.errors import Unknown

Do = Callable[[Turn, Clicked], Reply]


def clicked(turn: Turn, heard: Clicked) -> Reply:
    if heard.button not in BUTTONS:
        raise Unknown(f"I no longer know the button {heard.button!r}")
    order, do = BUTTONS[heard.button]
    require_known(turn.parts, turn.caller, RIGHTS[order].action)
    return do(turn, heard)


def _approve(turn: Turn, heard: Clicked) -> Reply:
    """Bound to the plan that the button stood below."""
    job_id, _, digest = heard.value.partition(" ")
    approve_once(turn, job_id, digest)
    return None


def _reject(turn: Turn, heard: Clicked) -> Reply:
    job_id, _, digest = heard.value.partition(" ")
    reject_once(turn, job_id, digest=digest)
    return None


def _cancel(turn: Turn, heard: Clicked) -> Reply:
    cancel_once(turn, heard.value)
    return None


def _again(turn: Turn, heard: Clicked, *, failed: bool = False) -> Reply:
    job = readable(turn.parts, turn.actor, heard.value)
    again = rerun(turn.parts, turn.actor, job.id, failed=failed, key=turn.key)
    return Card(again.id, turn.place)


def _again_on_failed(turn: Turn, heard: Clicked) -> Reply:
    return _again(turn, heard, failed=True)


def _log(turn: Turn, heard: Clicked) -> Reply:
    """Below the card: whoever sees that sees this."""
    job = readable(turn.parts, turn.actor, heard.value)
    return log_of(turn, job, below(heard))


def _output(turn: Turn, heard: Clicked) -> Reply:
    job = readable(turn.parts, turn.actor, heard.value)
    return output_of(turn, job, below(heard))


def _diff(turn: Turn, heard: Clicked) -> Reply:
    job = readable(turn.parts, turn.actor, heard.value)
    tried = rehearse(turn.parts, turn.actor, job.id, key=turn.key)
    return Card(tried.id, below(heard))


def _open(turn: Turn, heard: Clicked) -> Reply:
    return opened(turn, "" if heard.value == ANY_FORM else heard.value)


def below(heard: Clicked) -> Place:
    """The thread that the message with the button heads, or is in."""
    thread = heard.place.thread or heard.ts
    return msgspec.structs.replace(heard.place, thread=thread)


BUTTONS: dict[str, tuple[str, Do]] = {
    card.APPROVE: ("approve", _approve),
    card.REJECT: ("reject", _reject),
    card.CANCEL: ("cancel", _cancel),
    card.RERUN: ("rerun", _again),
    card.RERUN_FAILED: ("rerun", _again_on_failed),
    card.LOG: ("log", _log),
    card.OUTPUT: ("log", _output),
    card.DIFF: ("run", _diff),
    FORM: ("run", _open),
}
"""Button → the order whose right a stranger lacks, and what is done."""
