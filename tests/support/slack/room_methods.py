"""conversations.* and users.*: where one is, and who is there."""

import base64

from support.slack.chat_methods import required
from support.slack.shapes import told
from support.slack.state import Workspace
from support.slack.values import BOT, TEAM, Channel, Json, Posted, Token, Trouble

KINDS = {"public": "channels", "private": "groups", "im": "im"}
"""What the scopes call them."""


def open_direct(space: Workspace, _: Token, args: Json) -> Json:
    users = required(args, "users").split(",")
    if len(users) != 1:
        raise Trouble("method_not_supported_for_channel_type")
    return {"channel": {"id": space.direct(users[0])}}


def info(space: Workspace, token: Token, args: Json) -> Json:
    room = _seen(space, token, args, "read")
    return {"channel": {
        "id": room.id, "name": room.name, "is_channel": room.kind == "public",
        "is_private": room.kind != "public", "is_im": room.kind == "im",
        "is_archived": room.archived, "is_member": BOT in room.members,
        "num_members": len(room.members)}}  # fmt: skip


def history(space: Workspace, token: Token, args: Json) -> Json:
    """Newest first, without the replies in threads."""
    room = _read(space, token, args)
    heads = [m for m in _messages(space, room) if m.thread in ("", m.ts)]
    return _page(space, args, sorted(heads, key=lambda m: m.ts, reverse=True))


def replies(space: Workspace, token: Token, args: Json) -> Json:
    """The head of the thread and its replies, oldest first."""
    room = _read(space, token, args)
    ts = required(args, "ts")
    found = [m for m in _messages(space, room) if ts in (m.ts, m.thread)]
    if not found:
        raise Trouble("thread_not_found")
    return _page(space, args, sorted(found, key=lambda m: m.ts))


def user_info(space: Workspace, token: Token, args: Json) -> Json:
    user = space.users.get(required(args, "user"))
    if user is None:
        raise Trouble("user_not_found")
    profile = {"real_name": user.real_name, "display_name": user.name}
    if "users:read.email" in token.scopes:
        profile["email"] = user.email
    return {"user": {"id": user.id, "team_id": TEAM, "name": user.name, "deleted": user.deleted,
                     "real_name": user.real_name, "tz": user.timezone, "is_bot": user.id == BOT,
                     "profile": profile}}  # fmt: skip


def _seen(space: Workspace, token: Token, args: Json, what: str) -> Channel:
    room = space.room(required(args, "channel"))
    if room.kind != "public" and BOT not in room.members:
        raise Trouble("channel_not_found")
    if (needed := f"{KINDS[room.kind]}:{what}") not in token.scopes:
        raise Trouble("missing_scope", needed=needed, provided=",".join(sorted(token.scopes)))
    return room


def _read(space: Workspace, token: Token, args: Json) -> Channel:
    room = _seen(space, token, args, "history")
    if BOT not in room.members:
        raise Trouble("not_in_channel")
    return room


def _messages(space: Workspace, room: Channel) -> list[Posted]:
    return [m for m in space.messages if m.channel == room.id and not m.deleted]


def _page(space: Workspace, args: Json, found: list[Posted]) -> Json:
    oldest, latest = str(args.get("oldest") or "0"), str(args.get("latest") or "9" * 10)
    if truth(args.get("inclusive")):
        found = [m for m in found if float(oldest) <= float(m.ts) <= float(latest)]
    else:
        found = [m for m in found if float(oldest) < float(m.ts) < float(latest)]
    limit, start = int(args.get("limit") or 100), _start(args)
    page, more = found[start : start + limit], len(found) > start + limit
    metadata = truth(args.get("include_all_metadata"))
    answer: Json = {"has_more": more, "messages": [
        told(m, metadata, [r for r in space.messages if r.thread == m.ts and r is not m])
        for m in page]}  # fmt: skip
    cursor = base64.b64encode(f"next:{start + limit}".encode()).decode() if more else ""
    answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def _start(args: Json) -> int:
    if not (cursor := args.get("cursor")):
        return 0
    try:
        return int(base64.b64decode(str(cursor)).decode().removeprefix("next:"))
    except ValueError as error:
        raise Trouble("invalid_cursor") from error


def truth(value: object) -> bool:
    """The client writes booleans into forms as 1, true or True."""
    return str(value).lower() in ("1", "true")
