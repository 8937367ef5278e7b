"""Forms: opened for who may use them, checked as they are sent, and launched as who sent them.

Where a form was opened goes with it, as Slack does not tell that of what is sent: the policy
judges by that place. Slack hands `private_metadata` back as the bot gave it, and no user can change
it; what Slack hands over is signed, or comes through a line that the bot opened.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from bootstrapper.actions.action import Action
from bootstrapper.actions.registry import action, actions
from bootstrapper.chat.blocks.replies import form_button
from bootstrapper.chat.conversation.reach import could, kinds_for
from bootstrapper.chat.conversation.reply import Opened
from bootstrapper.chat.conversation.turn import Turn
from bootstrapper.chat.forms.choices import Choices, choices
from bootstrapper.chat.forms.form import action_of, form
from bootstrapper.chat.forms.picker import PICK, picker
from bootstrapper.chat.forms.values import errors_of
from bootstrapper.chat.heard import Place, Submitted
from bootstrapper.chat.message import Form
from bootstrapper.control.plan import NO_CONTENT
from bootstrapper.control.verdicts import authorize
from bootstrapper.errors import Mistake, Unavailable
from bootstrapper.playbooks.catalogue import Catalogue


def opened(turn: Turn, name: str = "", request: Mapping[str, Any] | None = None) -> Opened:
    """The form of this action, or the one that asks which. Denied as the action itself would be."""
    if not name:
        return _shown(turn, picker(kinds_for(turn)), "")
    kind = action(name)
    if name not in kinds_for(turn):
        authorize(turn.parts, turn.actor, name, kind.RISK.value)
    return _shown(turn, form(kind, _choices(turn, kind), request), name)


def placed(sent: Submitted) -> Submitted:
    """With the place that its form was opened in."""
    try:
        place = msgspec.json.decode(sent.carried, type=Place)
    except msgspec.DecodeError as error:
        raise Mistake("this form is not one of mine") from error
    return msgspec.structs.replace(sent, place=place)


def check_form(sent: Submitted) -> dict[str, str]:
    """What is wrong with it, block by block, as far as its values alone tell."""
    kind = actions().get(action_of(sent.form))
    return errors_of(kind, sent.values) if kind else {}


def catalogue_of(turn: Turn, kind: type[Action]) -> Catalogue:
    """An empty one where nothing is known: a form with fewer menus is still a form."""
    try:
        return turn.parts.library.current() if kind.NEEDS_CONTENT else NO_CONTENT
    except Unavailable:
        return NO_CONTENT


def is_picker(sent: Submitted) -> bool:
    return sent.form == PICK


def _choices(turn: Turn, kind: type[Action]) -> Choices:
    def may(**known: Any) -> bool:
        return could(turn, kind.NAME, kind.RISK.value, **known)

    return choices(kind, catalogue_of(turn, kind), may)


def _shown(turn: Turn, made: Form, name: str) -> Opened:
    carried = msgspec.json.encode(turn.place).decode()
    return Opened(msgspec.structs.replace(made, carried=carried), form_button(name))
