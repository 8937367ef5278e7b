"""What a Serf agent can carry: its tags, checked before they are sent; names that are unique.

`leave_on_terminate` belongs to them: without it an agent that is told to end does not say goodbye,
and its node is taken for failed.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bootstrapper.errors import Mistake

MOST = 512
"""Bytes of all tags of a node, names and values and what holds them together."""
_SHORT, _MIDDLE = 31, 15
_SEPARATORS = re.compile(r"[^A-Za-z0-9.-]+")


def merged(
    tags: Mapping[str, str], put: Mapping[str, str], drop: Iterable[str] = ()
) -> dict[str, str]:
    gone = set(drop)
    return {name: value for name, value in tags.items() if name not in gone} | dict(put)


def size_of(tags: Mapping[str, str]) -> int:
    """As Serf counts: a mark, a map, and each text with its length before it."""
    texts = [text.encode(errors="surrogateescape") for pair in tags.items() for text in pair]
    heads = sum(1 if len(each) <= _SHORT else 3 for each in texts)
    return 1 + (1 if len(tags) <= _MIDDLE else 3) + heads + sum(map(len, texts))


def check(tags: Mapping[str, str]) -> None:
    size = size_of(tags)
    if size > MOST:
        raise Mistake(f"these tags take {size} bytes of the {MOST} that Serf has", field="tags")


def name_of(base: str, incarnation: str) -> str:
    """A node's name that is unique per incarnation: `web` and a container's id: `web-3f2a…`.

    Who comes back under its old name with another address stays unseen for up to a minute.
    """
    short = incarnation[:12] if re.fullmatch(r"[0-9a-f]{64}", incarnation) else incarnation
    name = "-".join(filter(None, (_SEPARATORS.sub("-", x).strip("-") for x in (base, short))))
    if not name:
        raise Mistake("a node needs a name", field="name")
    return name[:128]


def agent_settings(
    name: str, *, bind: str, rpc: str, tags: Mapping[str, str], key: str = "", handler: str = ""
) -> dict[str, Any]:
    """For `serf agent -config-file`: profile lan, and a goodbye when it is told to end."""
    check(tags)
    members = "member-join,member-leave,member-failed,member-update,member-reap"
    return {
        "node_name": name,
        "bind": bind,
        "rpc_addr": rpc,
        "profile": "lan",
        "tags": dict(tags),
        "leave_on_terminate": True,
        **({"rpc_auth": key} if key else {}),
        **({"event_handlers": [f"{members}={handler}"]} if handler else {}),
    }
