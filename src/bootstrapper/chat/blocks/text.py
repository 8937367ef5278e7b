"""Text for Slack: others' words stay words, and nothing is longer than Slack takes.

https://docs.slack.dev/messaging/formatting-message-text
https://docs.slack.dev/reference/block-kit/blocks
"""

import re
from typing import Any

from bootstrapper.chat.message import Block
from bootstrapper.clock import from_text

SECTION = 3000  # letters of a section's text
BLOCKS = 50  # of a message
FALLBACK = 1000  # letters of a message's text beside its blocks

_JOINER = "\u2060"
_CALL = re.compile(r"@(?=(here|channel|everyone)\b)", re.IGNORECASE)
_PARTIAL = re.compile(r"&[a-z]{0,3}$")
_CONTROL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What lets a reader see letters in another order than they are run in."""


def escape(text: str) -> str:
    """Others' words: no mention, no link, no control character comes out of them, and they are
    read in the order of their letters."""
    text = _TURNING.sub("�", _CONTROL.sub("", text))
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _CALL.sub(f"@{_JOINER}", text)


def clip(text: str, most: int) -> str:
    """At most so many letters, of escaped text too: no half of an entity is left at its end."""
    if len(text) <= most:
        return text
    return f"{_PARTIAL.sub('', text[: most - 1])}…"


def plain(text: str, most: int) -> str:
    """Others' words on one line, escaped and cut."""
    return clip(escape(" ".join(text.split())), most)


def code(text: str, most: int = 200) -> str:
    """Others' words within a line, as they were written."""
    return f"`{plain(text, most).replace('`', 'ˋ')}`"


def fenced(text: str, most: int) -> str:
    """Others' lines as they were written; a fence among them does not end it."""
    inner = clip(escape(text.strip("\n")).replace("```", f"`{_JOINER}``"), most - 8)
    return f"```\n{inner}\n```"


def moment(at: str) -> str:
    """An RFC 3339 time on the reader's own clock."""
    when = from_text(at)
    return f"<!date^{int(when.timestamp())}^{{date_short_pretty}} {{time}}|{when:%d %b %H:%M} UTC>"


def lasted(start: str, end: str) -> str:
    seconds = max(0.0, (from_text(end) - from_text(start)).total_seconds())
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"


def section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(clip(text, SECTION))}


def context(text: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(clip(text, SECTION))]}


def actions(*buttons: Block) -> Block:
    return {"type": "actions", "elements": list(buttons)}


def button(action_id: str, label: str, value: str, style: str = "") -> Block:
    """`style`: primary, danger, or "" for neither."""
    made: Block = {
        "type": "button",
        "action_id": action_id,
        "text": {"type": "plain_text", "text": label, "emoji": True},
        "value": value,
    }
    return {**made, "style": style} if style else made


def _mrkdwn(text: str) -> dict[str, Any]:
    """Verbatim: Slack makes no mention of what only looks like one."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}
