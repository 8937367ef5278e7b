"""Go's package strings, as far as templates call it."""

from bootstrapper.templates.gotemplate import STRING, Slice, slice_of

STRINGS = slice_of(STRING)
BROKEN = frozenset(map(chr, range(0xDC80, 0xDD00)))
"""Bytes that are no UTF-8, as Python keeps them in a text."""


def contains(text: str, part: str) -> bool:
    return part in text


def join(parts: list[str], separator: str) -> str:
    return separator.join(parts)


def split(text: str, separator: str) -> Slice:
    """Without a separator into characters."""
    return Slice(STRINGS, text.split(separator) if separator else list(text))


def replace(text: str, old: str, new: str, most: int) -> str:
    return text.replace(old, new, max(most, -1))


def trim_suffix(text: str, suffix: str) -> str:
    return text.removesuffix(suffix)


def upper(text: str) -> str:
    """Each character by itself: what would become two stays as it is."""
    return text.upper() if text.isascii() else "".join(map(_upper, text))


def lower(text: str) -> str:
    return text.lower() if text.isascii() else "".join(map(_lower, text))


def _upper(char: str) -> str:
    if char in BROKEN:
        return "\ufffd"
    return next((each for each in (char.upper(), char.title()) if len(each) == 1), char)


def _lower(char: str) -> str:
    if char in BROKEN:
        return "\ufffd"
    return char.lower()[0]


def size(text: str) -> int:
    """In bytes."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))
