"""A journal's entries as the API writes them: flat JSON, and server-sent events. Pure.

The stream's format is WHATWG HTML, section 9.2 (server-sent events).
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from bootstrapper.errors import Refused
from bootstrapper.events import AnyEvent, Entry, Event, Said


class _Head(msgspec.Struct):
    seq: int
    at: str
    type: str


_head = msgspec.json.Decoder(_Head)
_event: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def read_entry(text: bytes) -> Entry:
    """An event that only a newer server knows becomes a line that names it."""
    try:
        head = _head.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Refused(f"the server sent what is no journal entry: {error}") from error
    try:
        return Entry(head.seq, head.at, _event.decode(text))
    except msgspec.ValidationError:
        return Entry(head.seq, head.at, Said(text=f"({head.type})"))


def as_json(entry: Entry) -> dict[str, Any]:
    """The same flat form again."""
    event: Event = entry.event
    return {"seq": entry.seq, "at": entry.at, **msgspec.to_builtins(event)}


def messages(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The data of each whole message; one that is cut off by the end is dropped."""
    data: list[bytes] = []
    for line in (each.rstrip(b"\r\n") for each in lines):
        if line.startswith(b"data:"):
            data.append(line[5:].removeprefix(b" "))
        elif not line and data:
            yield b"\n".join(data)
            data = []
