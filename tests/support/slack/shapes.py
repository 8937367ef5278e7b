"""Messages in the shapes that the API gives them."""

import copy
from collections.abc import Callable

from support.slack.values import BOT_ID, Json, Posted


def named(new_id: Callable[[str], str], blocks: list[Json]) -> list[Json]:
    """Each block with an id, as Slack gives one to those that have none."""
    made = copy.deepcopy(blocks)
    for block in made:
        block.setdefault("block_id", new_id("b"))
        inner = [*block.get("elements", []), block.get("accessory"), block.get("element")]
        for element in inner:
            if isinstance(element, dict) and element.get("type") not in ("mrkdwn", "plain_text"):
                element.setdefault("action_id", new_id("a"))
    return made


def told(message: Posted, metadata: bool, replies: list[Posted]) -> Json:
    """A message as the API tells it."""
    made: Json = {"type": "message", "user": message.user, "text": message.text, "ts": message.ts}
    if message.by_bot:
        made["bot_id"] = BOT_ID
    if message.blocks:
        made["blocks"] = message.blocks
    if message.thread:
        made["thread_ts"] = message.thread
    if replies:
        made |= {"thread_ts": message.ts, "reply_count": len(replies)}
    if len(message.edits) > 1:
        made["edited"] = {"user": message.user, "ts": message.ts}
    if metadata and message.metadata:
        made["metadata"] = message.metadata
    if message.files:
        made["files"] = [{"id": f.id, "name": f.name, "title": f.title} for f in message.files]
    return made
