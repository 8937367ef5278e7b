"""What others tell of a run, in the size and with the secrecy that our own runs keep. Pure."""

from typing import Any

import msgspec

from bootstrapper.events import HostResult, PlayStarted, RunEvent, Said, TaskStarted
from bootstrapper.playbooks.scrub import Scrubber, telling

TEXT = 65_536  # characters kept of one output
DATA = 16_384  # bytes kept of a result's other fields
NAME = 1_000  # characters kept of a name


def trim(event: RunEvent) -> RunEvent:
    match event:
        case PlayStarted():
            return msgspec.structs.replace(event, play=event.play[:NAME])
        case TaskStarted():
            names = (event.task[:NAME], event.action[:NAME], event.role[:NAME])
            return TaskStarted(*names, handler=event.handler)
        case Said():
            return msgspec.structs.replace(event, text=short(event.text))
        case HostResult():
            return _result(event)


def short(text: str) -> str:
    return text if len(text) <= TEXT else text[:TEXT] + f"\n… {len(text) - TEXT} more"


def _result(event: HostResult) -> HostResult:
    """What its data's names betray as secret is nowhere else in it either."""
    clean = Scrubber(telling(event.data))
    texts = {
        name: short(clean.text(getattr(event, name)))
        for name in ("item", "message", "stdout", "stderr", "diff")
    }
    data: dict[str, Any] = clean.value(event.data)
    size = len(msgspec.json.encode(data))
    return msgspec.structs.replace(
        event,
        host=event.host[:NAME],
        task=event.task[:NAME],
        data=data if size <= DATA else {"left out": f"{size} bytes"},
        **texts,
    )
