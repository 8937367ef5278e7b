"""What is asked, from the text of a message: an action to launch, or an order to the bot itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from bootstrapper.actions.action import Action
from bootstrapper.chat.language.commands import commands
from bootstrapper.chat.language.filling import fill
from bootstrapper.chat.language.fixed import FIXED, read_fixed
from bootstrapper.chat.language.said import Said
from bootstrapper.chat.language.words import clean, next_word
from bootstrapper.errors import Unknown
from bootstrapper.nearest import nearest


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """`action`: its NAME; `request`: only what was given; `options`: as `jobs.job.Options`."""

    action: str
    request: dict[str, Any]
    options: dict[str, Any] = {}


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """`name`: a key of `fixed.FIXED`; `args`: only what was said.

    jobs: state, env · job, cancel, approve, log: id · reject: id, reason · rerun: id, failed
    ("yes") · nodes: cluster · why: name · lock: resource, reason, until (RFC 3339) · unlock:
    resource · help: word · run: action (its NAME) · whoami: none.
    """

    name: str
    args: dict[str, str] = {}


def read(text: str, kinds: Mapping[str, type[Action]], *, now: datetime) -> Launch | Order:
    """Slack's text, without the bot's name; `kinds`: NAME → action. Nothing at all asks for help.

    Unknown: no such command. Any other Mistake says the form that the command has.
    """
    text = clean(text).lstrip(",:;!/ \n")
    word = next_word(text, 0)
    if word is None:
        return Order(name="help")
    verb, known = text[word.start : word.end].lower(), commands(kinds)
    if verb in FIXED:
        return Order(name=verb, args=read_fixed(verb, Said(text, word.end, now, known)))
    if command := known.get(verb):
        request, options = fill(command, text, word.end, now)
        return Launch(action=command.action, request=dict(request), options=dict(options))
    verbs = {*FIXED, *(command.verb for command in known.values()), *known}
    raise Unknown(f"no command {verb!r}{nearest(verb, sorted(verbs))}")
