"""Slack's text as the person wrote it, and its words one by one, each with its place.

Slack marks up what it recognises: https://docs.slack.dev/messaging/formatting-message-text/
A host becomes a link, a quote a curly one. Words are read one at a time, so that what comes after
them keeps its own quotes.
"""

import re

import msgspec

from bootstrapper.errors import Mistake

MARK = re.compile(r"<([^<>\n]*)>|&(amp|lt|gt);")
ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}
PLAIN = str.maketrans(
    {
        **dict.fromkeys("“”„‟", '"'),
        **dict.fromkeys("‘’‚‛", "'"),
        **dict.fromkeys("\u00a0\u2007\u202f\u2009", " "),
        **dict.fromkeys("\u200b\u2060\ufeff", None),
        "\r": "\n",
    }
)
KEY = re.compile(r"(?:--?|–|—)?[A-Za-z_][A-Za-z0-9_-]*(?:\.[^\s=\"'.]+)?(?==)")
SPACE = re.compile(r"\s*")
HOST_LINK = re.compile(r"https?://([^/\s?#@]+)/?")


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """`key`: what an unquoted `key=` before it said; `text` without its quotes; its place."""

    text: str
    key: str = ""
    quoted: bool = False
    start: int
    end: int


def clean(text: str) -> str:
    """Without Slack's marks. What stands inside of a code mark around everything is the text."""
    return _out_of_code(MARK.sub(_unmarked, text).translate(PLAIN).strip())


def marked(text: str) -> str:
    """The other way round: `clean(marked(text))` is `text`, where that is clean."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def next_word(text: str, at: int) -> Word | None:
    """The first word from there on; None at the end. A Mistake where its quote does not end."""
    start = _skip_space(text, at)
    if start == len(text):
        return None
    found = KEY.match(text, start)
    key = found[0] if found else ""
    value_at = found.end() + 1 if found else start
    quote = text[value_at : value_at + 1]
    if quote and quote in "\"'`":
        said, end = _quoted(text, value_at, quote)
        return Word(text=said, key=key, quoted=True, start=start, end=end)
    end = value_at
    while end < len(text) and not text[end].isspace():
        end += 1
    return Word(text=text[value_at:end], key=key, start=start, end=end)


def rest(text: str, at: int) -> str:
    """Everything from there on, its quotes and lines as they are; a code mark around it goes."""
    return _out_of_code(text[at:].strip())


def quote(text: str) -> str:
    """As one word: `next_word` reads it back."""
    plain = text and not any(letter.isspace() or letter in "\"'`" for letter in text)
    return text if plain else "'" + text.replace("'", "''") + "'"


def host_of(text: str) -> str:
    """`http://web-1` is what Slack makes of a host: the host. Anything else stays."""
    found = HOST_LINK.fullmatch(text)
    return found[1] if found else text


def _skip_space(text: str, at: int) -> int:
    found = SPACE.match(text, at)
    return found.end() if found else at


def _quoted(text: str, at: int, mark: str) -> tuple[str, int]:
    """A quote inside is written twice, or in double quotes with a backslash before it."""
    said: list[str] = []
    at += 1
    while at < len(text):
        pair = text[at : at + 2]
        if pair == mark * 2 or (mark == '"' and pair == '\\"'):
            said.append(mark)
            at += 2
        elif text[at] == mark:
            return "".join(said), _at_an_end(text, at + 1)
        else:
            said.append(text[at])
            at += 1
    raise Mistake(f"the quote {mark} is not closed")


def _at_an_end(text: str, at: int) -> int:
    if at < len(text) and not text[at].isspace():
        raise Mistake(f"a quote ends in the middle of a word, before {text[at : at + 20]!r}")
    return at


def _unmarked(found: re.Match[str]) -> str:
    if found[2]:
        return ENTITIES[found[2]]
    mark, _, label = found[1].partition("|")
    label = MARK.sub(_unmarked, label)
    target = MARK.sub(_unmarked, mark)
    if target[:1] in {"@", "#"}:
        return target[0] + (label.removeprefix(target[0]) or target[1:])
    if target[:1] == "!":
        return label or "@" + target[1:].partition("^")[0]
    return label or target.removeprefix("mailto:").removeprefix("tel:")


def _out_of_code(text: str) -> str:
    for mark in ("```", "`"):
        inside = text[len(mark) : -len(mark)]
        whole = len(text) > 2 * len(mark) and text == f"{mark}{inside}{mark}"
        if whole and mark not in inside:
            return inside.strip()
    return text
