"""chat.*: what the bot says. https://docs.slack.dev/reference/methods/chat.postMessage"""

import json
from typing import Any

from support.slack import blocks as block_kit
from support.slack.shapes import named, told
from support.slack.state import Workspace
from support.slack.values import BOT, Channel, Json, Posted, Token, Trouble, Whisper

TEXT = 40_000  # letters of a new message; the rest is cut off
EDITED = 4_000  # letters of an edited one, which is refused when it has more


def post_message(space: Workspace, token: Token, args: Json) -> Json:
    text, blocks = _content(args)
    room = _writable(space, token, args)
    thread = str(args.get("thread_ts") or "")
    message = Posted(room.id, space.ts(), BOT, text[:TEXT], named(space.id, blocks), thread,
                     _metadata(args))  # fmt: skip
    space.post(message)
    return {"channel": room.id, "ts": message.ts, "message": told(message, True, [])}


def update(space: Workspace, _: Token, args: Json) -> Json:
    text, blocks = _content(args)
    message = space.message(space.room(required(args, "channel")).id, required(args, "ts"))
    if not message.by_bot:
        raise Trouble("cant_update_message")
    if len(text) > EDITED:
        raise Trouble("msg_too_long")
    if "blocks" not in args:
        blocks = message.blocks  # as the documents say: they stay until they are told to go
    metadata = _metadata(args)
    space.edit(message, text, blocks)
    if metadata is not None:
        message.metadata = metadata
    return {"channel": message.channel, "ts": message.ts, "text": text,
            "message": told(message, True, [])}  # fmt: skip


def post_ephemeral(space: Workspace, token: Token, args: Json) -> Json:
    text, blocks = _content(args)
    room = _writable(space, token, args)
    user = required(args, "user")
    if user not in room.members:
        raise Trouble("user_not_in_channel")
    whisper = Whisper(room.id, space.ts(), user, text, named(space.id, blocks),
                      str(args.get("thread_ts") or ""))  # fmt: skip
    space.whispers.append(whisper)
    return {"message_ts": whisper.ts}


def respond(space: Workspace, key: str, body: Json) -> None:
    """What a POST to a response_url does. `text` for this user alone, unless it says in_channel."""
    response = space.response(key)
    seen = response.message
    if body.get("delete_original") and seen is not None:
        seen.deleted = True
        return
    text, blocks = _content(body)
    thread = str(body.get("thread_ts") or "")
    if body.get("replace_original") and isinstance(seen, Posted):
        space.edit(seen, text, blocks)
    elif body.get("replace_original") and isinstance(seen, Whisper):
        seen.text, seen.blocks = text, named(space.id, blocks)
    elif body.get("response_type") == "in_channel":
        space.post(Posted(response.channel, space.ts(), BOT, text, named(space.id, blocks), thread))
    else:
        space.whispers.append(Whisper(response.channel, space.ts(), response.user, text,
                                      named(space.id, blocks), thread))  # fmt: skip


def required(args: Json, name: str) -> str:
    if not args.get(name):
        raise Trouble("invalid_arguments", response_metadata={
            "messages": [f"[ERROR] missing required field: {name}"]})  # fmt: skip
    return str(args[name])


def decoded(value: Any) -> Any:
    """A form's field may hold JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _content(args: Json) -> tuple[str, list[Json]]:
    text, blocks = str(args.get("text") or ""), decoded(args.get("blocks")) or []
    if not text and not blocks:
        raise Trouble("no_text")
    if found := block_kit.faults(blocks):
        raise Trouble("invalid_blocks", errors=found, response_metadata={
            "messages": [f"[ERROR] {fault}" for fault in found]})  # fmt: skip
    if block_kit.letters(blocks) > block_kit.WHOLE:
        raise Trouble("msg_blocks_too_long")
    return text, blocks


def _metadata(args: Json) -> Json | None:
    metadata = decoded(args.get("metadata"))
    if metadata is None:
        return None
    if metadata == {}:
        return {}  # takes away what there was
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_payload"), dict):
        raise Trouble("invalid_metadata_format")
    if not isinstance(metadata.get("event_type"), str):
        raise Trouble("invalid_metadata_format")
    return metadata


def _writable(space: Workspace, token: Token, args: Json) -> Channel:
    room = space.room(required(args, "channel"))
    if room.archived:
        raise Trouble("is_archived")
    if BOT in room.members:
        return room
    if room.kind != "public":
        raise Trouble("channel_not_found")
    if "chat:write.public" not in token.scopes:
        raise Trouble("not_in_channel")
    return room
