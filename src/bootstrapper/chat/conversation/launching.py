"""An action is asked for, as the one who spoke: accepted, or denied with the rule that says so."""

from collections.abc import Mapping
from typing import Any

import msgspec

from bootstrapper.actions.misfit import mistake_of
from bootstrapper.chat.conversation.callers import require_known
from bootstrapper.chat.conversation.reply import Card
from bootstrapper.chat.conversation.turn import Turn
from bootstrapper.control.launch import Origin, launch
from bootstrapper.jobs.job import Options


def launched(turn: Turn, name: str, request: Mapping[str, Any], options: Mapping[str, Any]) -> Card:
    """Its card is the answer, where it was asked."""
    env = request.get("env", "")
    require_known(turn.parts, turn.caller, name, env=env if isinstance(env, str) else "")
    try:
        wanted = msgspec.convert(options, Options)
    except msgspec.ValidationError as error:
        raise mistake_of(error) from error
    job = launch(turn.parts, turn.actor, name, dict(request), wanted, Origin(key=turn.key))
    return Card(job.id, turn.place)
