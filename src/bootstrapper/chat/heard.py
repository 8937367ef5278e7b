"""What people do in the chat, as values: kept in the inbox before it is acknowledged.

`id` is the same for a thing that is delivered twice. `user` is a Slack user's id; `trigger` lets a
form be opened within 3 s; `respond` is a URL that answers to this user alone, for 30 minutes.
"""

from typing import Any, Literal

import msgspec

from bootstrapper.policy.file_rules import DIRECT


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """`channel`: its id; `thread`: the `ts` of the message that heads the thread, or ""."""

    channel: str
    direct: bool = False
    thread: str = ""

    @property
    def judged(self) -> str:
        """What the policy calls it."""
        return DIRECT if self.direct else self.channel


class Heard(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    id: str
    user: str
    place: Place
    trigger: str = ""
    respond: str = ""


class Said(Heard, frozen=True, kw_only=True, tag="said"):
    """Words for the bot, without its name. `ts`: of the message; `at`: the seconds at
    which a slash command, which has none, was heard."""

    text: str
    how: Literal["mention", "direct", "slash"]
    ts: str = ""
    at: float = 0.0


class Clicked(Heard, frozen=True, kw_only=True, tag="clicked"):
    """`button`: its action_id; `value`: what it carries; `ts`: of the message that it is in."""

    button: str
    value: str = ""
    ts: str = ""


class Submitted(Heard, frozen=True, kw_only=True, tag="submitted"):
    """A form that was sent. `form`: its callback_id; `carried`: its private_metadata; `values`:
    block id → what was put in (text, a choice's value, a list of them, or None)."""

    form: str
    carried: str = ""
    values: dict[str, Any] = {}


AnyHeard = Said | Clicked | Submitted
