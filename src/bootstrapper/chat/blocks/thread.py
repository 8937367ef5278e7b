"""What the thread below a job's message says: the output of each task that failed."""

import sys
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from bootstrapper.chat.blocks.text import FALLBACK, SECTION, clip, fenced, plain, section
from bootstrapper.chat.message import Block, Message
from bootstrapper.events import Entry, HostResult

SHOWN = 12_000  # letters of outputs in one post
SECTIONS = 20
HEAD = 400  # letters of an output's first line
LEAST = 1500  # letters of room for an output to be begun


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """`of` names the job where the message is about several."""

    host: str
    task: str
    status: str
    text: str
    of: str = ""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """`told` and `behind`: where the next look goes on, see `failed_outputs`."""

    outputs: tuple[Output, ...]
    told: int
    behind: int


def failed_outputs(entries: Iterable[Entry], told: int, most: int, of: str = "") -> Found:
    """Of tasks that failed after entry `told`, until they have `most` letters; the failed items of
    a loop speak for their task.

    Items may come long before their task's own end, and an ignored task takes them back: entries
    are read from `behind` on, where the first item stands whose task is not through.
    """
    outputs: list[Output] = []
    waiting: dict[str, list[Entry]] = {}
    last, letters = told, 0
    for entry in entries:
        last = entry.seq
        match entry.event:
            case HostResult(item=item, status=status, host=host) if item:
                if status == "failed":
                    waiting.setdefault(host, []).append(entry)
            case HostResult(status="failed" | "unreachable", host=host):
                chosen = waiting.pop(host, None) or [entry]
                if entry.seq > told:
                    found = [_output(each.event, of) for each in chosen]
                    outputs += found
                    letters += sum(len(each.text) for each in found)
            case HostResult(status=status, host=host) if status != "retry":
                waiting.pop(host, None)
        if letters > most:
            break
    first = min((each[0].seq for each in waiting.values()), default=last + 1)
    return Found(outputs=tuple(outputs), told=max(told, last), behind=min(last, first - 1))


def all_outputs(entries: Iterable[Entry]) -> Iterator[Output]:
    """Of every task on every host."""
    for entry in entries:
        if isinstance(entry.event, HostResult):
            yield _output(entry.event)


def thread_message(outputs: Sequence[Output], mark: str, file: str = "") -> Message:
    """`file`: the name of the one that will hold what has no room here."""
    blocks = [block for block, _ in _sections(outputs)]
    left = len(outputs) - len(blocks)
    if file:
        more = f"{left} more and all at length" if left else "all at length"
        blocks.append(section(f"{more}: in the file {plain(file, 100)}"))
    first = outputs[0] if outputs else None
    text = f"{first.status}: {first.host}, {first.task}" if first else "failed"
    if len(outputs) > 1:
        text += f" and {len(outputs) - 1} more"
    return Message(text=plain(text, FALLBACK), blocks=tuple(blocks), mark=mark)


def fits(outputs: Sequence[Output]) -> bool:
    """Whether a post shows them all at length."""
    shown = list(_sections(outputs))
    return len(shown) == len(outputs) and all(at_length for _, at_length in shown)


def whole(outputs: Iterable[Output]) -> str:
    """At length, for a file."""
    return "\n\n".join(f"{_head(output)}\n{output.text}" for output in outputs) + "\n"


def _sections(outputs: Iterable[Output]) -> Iterator[tuple[Block, bool]]:
    """As many as there is room for, each with whether it is all there."""
    room = SHOWN
    for number, output in enumerate(outputs):
        if room < LEAST or number == SECTIONS:
            return
        head = plain(_head(output), HEAD)
        inner = output.text.strip("\n")
        most = min(SECTION, room) - len(head) - 1
        text = f"{head}\n{fenced(inner, most)}" if inner else head
        room -= len(text)
        yield section(text), len(fenced(inner, sys.maxsize)) <= most


def _head(output: Output) -> str:
    of = f"{output.of} · " if output.of else ""
    return f"{of}{output.host} · {output.task} · {output.status}"


def _output(event: object, of: str = "") -> Output:
    assert isinstance(event, HostResult)
    parts = (event.message, event.stdout, event.stderr, event.diff)
    text = "\n".join(dict.fromkeys(part.strip("\n") for part in parts if part.strip()))
    item = f" (item {clip(event.item, 80)})" if event.item else ""
    return Output(
        host=event.host, task=f"{event.task}{item}", status=event.status, text=text, of=of
    )
