"""A message of the notifications: its title, and a line with a sign for each notice."""

from collections.abc import Iterator

from bootstrapper.chat.blocks.text import FALLBACK, clip, escape, section
from bootstrapper.chat.message import Message
from bootstrapper.notify.group import Sending
from bootstrapper.notify.wording import Line, lines_of, title_of

LETTERS = 2800
"""Of a section: a line that does not fit begins the next one."""
SECTIONS = 20
SIGNS = {
    "info": ":information_source:",
    "warning": ":warning:",
    "error": ":red_circle:",
    "critical": ":rotating_light:",
    "ended": ":white_check_mark:",
    "more": ":heavy_plus_sign:",
}


def mark_of(sending: Sending) -> str:
    return f"notice {sending.id}"


def notice_message(sending: Sending) -> Message:
    title = escape(title_of(sending))
    texts = [*_packed([f"*{title}*", *map(_line, lines_of(sending))])]
    if len(texts) > SECTIONS:
        texts = [*texts[: SECTIONS - 1], "…"]
    return Message(
        text=clip(title, FALLBACK), blocks=tuple(map(section, texts)), mark=mark_of(sending)
    )


def _line(line: Line) -> str:
    link = f" <{escape(line.link).replace('|', '%7C')}|open>" if line.link else ""
    return f"{SIGNS[line.mood]} {escape(line.text)}{link}"


def _packed(lines: list[str]) -> Iterator[str]:
    text = ""
    for line in lines:
        if text and len(text) + len(line) + 1 > LETTERS:
            yield text
            text = ""
        text = f"{text}\n{line}" if text else line
    yield text
