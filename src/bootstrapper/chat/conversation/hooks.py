"""What Slack wants to know at once, while a form is open: nothing is kept or launched."""

from collections.abc import Sequence

from bootstrapper.actions.registry import actions
from bootstrapper.chat.conversation.callers import caller_of
from bootstrapper.chat.conversation.forming import catalogue_of, check_form, placed
from bootstrapper.chat.conversation.reach import could
from bootstrapper.chat.conversation.turn import Turn
from bootstrapper.chat.forms.choices import suggest
from bootstrapper.chat.forms.form import action_of
from bootstrapper.chat.heard import Submitted
from bootstrapper.chat.typed import Choice, Typed
from bootstrapper.control.parts import Parts

__all__ = ["check_form", "suggestions"]


def suggestions(parts: Parts, typed: Typed) -> Sequence[Choice]:
    """What fits the letters, of what the caller may choose in the place of the form."""
    kind = actions().get(action_of(typed.form))
    if kind is None:
        return ()
    sent = placed(
        Submitted(id="", user=typed.user, place=typed.place, form=typed.form, carried=typed.carried)
    )
    caller = caller_of(parts.rules.current(), typed.user, sent.place)
    if not caller.known:
        return ()
    turn = Turn(parts=parts, heard=sent, caller=caller)

    def may(**known: object) -> bool:
        return could(turn, kind.NAME, kind.RISK.value, **known)

    found = suggest(kind, typed.block, typed.text, catalogue_of(turn, kind), may)
    return [(each["text"]["text"], each["value"]) for each in found]
