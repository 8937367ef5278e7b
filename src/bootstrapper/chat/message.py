"""A message as a value, in Slack's Block Kit. https://docs.slack.dev/reference/block-kit/

`text` is what notifications and screen readers get; mrkdwn, escaped where it holds others' words.
"""

from typing import Any

import msgspec

Block = dict[str, Any]


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """`mark` names what it tells (`card <id>`): kept in its metadata, it is found there again."""

    text: str
    blocks: tuple[Block, ...] = ()
    mark: str = ""


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A modal. `name` is its callback_id; `carried` its private_metadata, 3,000 letters at most."""

    name: str
    title: str
    submit: str
    blocks: tuple[Block, ...]
    carried: str = ""
