"""A message in words: its title, and a line for each notice. How that looks, its receiver knows.

Pure. Nothing here is escaped; every line is one line.
"""

import re
from collections import Counter
from collections.abc import Iterator

import msgspec

from bootstrapper.notify.group import Sending, Why
from bootstrapper.notify.notice import Notice
from bootstrapper.notify.types import words_of

MOST = 500
"""Letters of one line."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """`mood`: a severity, `ended` or `more`."""

    mood: str
    text: str
    link: str = ""


def title_of(sending: Sending) -> str:
    """`[error] 2 × job failed; over: member failed (prod, web)`."""
    opened = Counter(each.type for each in sending.opened)
    opened.update(sending.more)
    ended = Counter(each.notice.type for each in sending.ended)
    said = [_counted(opened)] if opened else []
    said += [f"{'over: ' if opened else ''}{_counted(ended)}"] if ended else []
    mood = f"[{sending.severity if opened else 'over'}] "
    again = "still: " if sending.why is Why.REPEAT else ""
    where = _where(sending)
    return one_line(f"{mood}{again}{'; '.join(said)}{f' ({where})' if where else ''}")


def lines_of(sending: Sending) -> tuple[Line, ...]:
    """The first `digest` of them, what is new before what is over; the others are counted."""
    every = [*_lines(sending)]
    listed = every[: sending.digest]
    beyond = Counter(kind for kind, _ in every[sending.digest :])
    beyond.update(sending.more)
    lines = [line for _, line in listed]
    if beyond:
        lines.append(Line(mood="more", text=f"and {beyond.total()} more: {_counted(beyond)}"))
    return tuple(lines)


def text_of(sending: Sending) -> str:
    """The lines as plain text."""
    lines = (f"{line.text}{f' <{line.link}>' if line.link else ''}" for line in lines_of(sending))
    return "\n".join(lines)


def one_line(text: str) -> str:
    plain = _CONTROL.sub(" ", text).strip()
    return plain if len(plain) <= MOST else plain[: MOST - 1] + "…"


def _lines(sending: Sending) -> Iterator[tuple[str, Line]]:
    for notice in sending.opened:
        yield notice.type, Line(mood=notice.severity, text=_told(notice), link=notice.link)
    for each in sending.ended:
        by = "" if each.by.only_ends else f": {each.by.text}"
        text = one_line(f"over: {words_of(each.notice.type)}, {each.notice.subject}{by}")
        yield each.notice.type, Line(mood="ended", text=text, link=each.by.link)


def _told(notice: Notice) -> str:
    about = "" if _name(notice.subject) in notice.text else f"{notice.subject}: "
    return one_line(f"{about}{notice.text}")


def _name(subject: str) -> str:
    return subject.partition(":")[2].partition(" ")[0] or subject


def _counted(types: Counter[str]) -> str:
    return ", ".join(
        f"{count} × {words_of(name)}" if count > 1 else words_of(name)
        for name, count in types.items()
    )


def _where(sending: Sending) -> str:
    labels = dict(sending.labels)
    return ", ".join(labels[name] for name in ("env", "cluster", "subject") if labels.get(name))
