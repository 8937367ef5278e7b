"""html, js and urlquery."""

import re
from typing import Any

from bootstrapper.templates.gotemplate.printing import sprint
from bootstrapper.templates.gotemplate.quoting import printable
from bootstrapper.templates.gotemplate.values import NO_VALUE, as_bytes, indirect

HTML = str.maketrans(
    {
        '"': "&#34;",
        "'": "&#39;",
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        "\0": "\N{REPLACEMENT CHARACTER}",
    }
)
JS = {
    "\\": "\\\\",
    "'": "\\'",
    '"': '\\"',
    "<": "\\u003C",
    ">": "\\u003E",
    "&": "\\u0026",
    "=": "\\u003D",
}
JS_SPECIAL = r"[\\'\"<>&=\x00-\x1f]|[^\x00-\x7f]"


BROKEN = frozenset(map(chr, range(0xDC80, 0xDD00)))  # bytes that are no UTF-8 stay as they are
LETTERS = "abcdefghijklmnopqrstuvwxyz"
UNRESERVED = frozenset(f"{LETTERS}{LETTERS.upper()}0123456789-_.~")


def html(*values: Any) -> str:
    return _text(values).translate(HTML)


def js(*values: Any) -> str:
    return re.sub(JS_SPECIAL, lambda found: _js(found[0]), _text(values))


def _js(char: str) -> str:
    if known := JS.get(char):
        return known
    if char > "\x7f" and (printable(char) or char in BROKEN):
        return char
    return f"\\u{ord(char):04X}"


def urlquery(*values: Any) -> str:
    return "".join(map(_percent, as_bytes(_text(values))))


def _percent(byte: int) -> str:
    char = chr(byte)
    if char in UNRESERVED:
        return char
    return "+" if char == " " else f"%{byte:02X}"


def _text(values: tuple[Any, ...]) -> str:
    """As they would print: pointers followed, nil as no value."""
    return sprint(*("<no value>" if each is None else _followed(each) for each in values))


def _followed(value: Any) -> Any:
    target, _ = indirect(value)
    return "<no value>" if target is NO_VALUE else target
