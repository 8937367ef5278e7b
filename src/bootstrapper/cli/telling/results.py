"""One task's result on one host. Pure."""

import msgspec

from bootstrapper.cli.telling.lines import Line, Tone, clean, indented
from bootstrapper.cli.telling.times import duration
from bootstrapper.events import HostResult, TaskStarted

TONES = {
    "ok": Tone.GOOD,
    "changed": Tone.CHANGED,
    "failed": Tone.BAD,
    "unreachable": Tone.BAD,
    "skipped": Tone.DIM,
    "ignored": Tone.DIM,
    "retry": Tone.DIM,
}
BAD = frozenset({"failed", "unreachable", "ignored"})
SLOW = 1.0  # seconds from which a task's time is worth a word
SAID_BY_ANSIBLE = frozenset({"cmd", "start", "end", "delta", "rc"})


def heading_of(event: TaskStarted) -> str:
    """As a HostResult names its task."""
    return f"{event.role} : {event.task}" if event.role else event.task


def tell_result(event: HostResult, task: str, *, adhoc: bool) -> tuple[Line, ...]:
    """`task` is the one whose heading stands above; another's result says its own (free strategy).

    `adhoc`: show what the module said although all is well.
    """
    item = f" (item={event.item})" if event.item else ""
    other = f" [{event.task}]" if event.task != task else ""
    took = f" ({duration(event.seconds)})" if event.seconds >= SLOW else ""
    head = f"  {event.status}: {event.host}{item}{other}{took}"
    shown = event.status in BAD or (adhoc and event.status in {"ok", "changed"})
    return (
        Line(clean(head), TONES[event.status]),
        *(_said(event, adhoc=adhoc) if shown else ()),
        *_difference(event.diff),
    )


def is_quiet(event: HostResult, lines: tuple[Line, ...]) -> bool:
    return event.status in {"ok", "skipped"} and len(lines) <= 1


def _said(event: HostResult, *, adhoc: bool) -> tuple[Line, ...]:
    bad = Tone.BAD if event.status in BAD else Tone.PLAIN
    lines = (
        *indented(event.message, bad),
        *indented(event.stdout),
        *indented(event.stderr, bad),
    )
    return lines or (_data(event) if adhoc else ())


def _data(event: HostResult) -> tuple[Line, ...]:
    """What ping or setup answers has no text, only fields."""
    data = {name: value for name, value in event.data.items() if name not in SAID_BY_ANSIBLE}
    return indented(msgspec.json.format(msgspec.json.encode(data)).decode()) if data else ()


def _difference(diff: str) -> tuple[Line, ...]:
    tones = {"+": Tone.GOOD, "-": Tone.BAD, "@": Tone.WAITING}
    return tuple(
        Line(line.text, tones.get(line.text.lstrip(" ")[:1], Tone.PLAIN)) for line in indented(diff)
    )
