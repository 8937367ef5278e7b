"""One message for many jobs: a line each, failures first."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from bootstrapper.chat.blocks.job import counts, emoji, state_words, where
from bootstrapper.chat.blocks.text import FALLBACK, SECTION, clip, plain, section
from bootstrapper.chat.message import Block, Message
from bootstrapper.chat.progress.asked import Asked
from bootstrapper.chat.progress.progress import Progress
from bootstrapper.jobs.states import State

MOST = 40  # jobs in one message
LINE = 290  # letters: that many lines are within what Slack takes of all blocks together

Member = tuple[Asked, Progress]

_ORDER = (
    State.FAILED, State.ERROR, State.LOST, State.RUNNING, State.WAITING, State.PENDING,
    State.CANCELED, State.SUCCESSFUL,
)  # fmt: skip


def crowd_message(members: Sequence[Member], mark: str) -> Message:
    ordered = sorted(members, key=_rank)
    summary = _summary(ordered)
    lines = [clip(_line(asked, progress), LINE) for asked, progress in ordered]
    blocks = (section(f"*{len(members)} jobs*: {summary}"), *_sections(lines))
    return Message(text=clip(f"{len(members)} jobs: {summary}", FALLBACK), blocks=blocks, mark=mark)


def _summary(members: Iterable[Member]) -> str:
    found = Counter(state_words(progress) for _, progress in members)
    return " · ".join(f"{count} {words}" for words, count in found.items())


def _line(asked: Asked, progress: Progress) -> str:
    """Without any marking that a cut could leave open."""
    what = plain(f"{asked.action} {asked.what}", 80)
    parts = [
        f"{emoji(progress)} {state_words(progress)} · {what}",
        plain(where(asked), 60),
        plain(asked.actor, 40),
        counts(progress),
        _first_failure(progress) or _reason(progress),
    ]
    return " · ".join(part for part in parts if part)


def _first_failure(progress: Progress) -> str:
    if not progress.failures:
        return ""
    first = progress.failures[0]
    return plain(f"{first.host}, {first.task}: {first.message}", 120)


def _reason(progress: Progress) -> str:
    return plain(progress.reason, 100) if progress.state is not State.RUNNING else ""


def _rank(member: Member) -> tuple[bool, int, str]:
    asked, progress = member
    return not progress.failed, _ORDER.index(progress.state), asked.id


def _sections(lines: Iterable[str]) -> Iterator[Block]:
    """As many lines in each as it takes."""
    gathered: list[str] = []
    letters = 0
    for line in lines:
        if gathered and letters + len(line) + 1 > SECTION:
            yield section("\n".join(gathered))
            gathered, letters = [], 0
        gathered.append(line)
        letters += len(line) + 1
    if gathered:
        yield section("\n".join(gathered))
