"""html, js and urlquery."""

import re
from typing import Any
from urllib.parse import quote_plus

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
JS_SPECIAL = re.compile(r"[\\'\"<>&=\x00-\x1f]|[^\x00-\x7f]")


def html(*values: Any) -> str:
    return _text(values).translate(HTML)


def js(*values: Any) -> str:
    return JS_SPECIAL.sub(lambda found: _js(found[0]), _text(values))


def _js(char: str) -> str:
    if known := JS.get(char):
        return known
    if char > "\x7f" and printable(char):
        return char
    return f"\\u{ord(char):04X}"


def urlquery(*values: Any) -> str:
    return quote_plus(as_bytes(_text(values)), safe="~")


def _text(values: tuple[Any, ...]) -> str:
    """As they would print: pointers followed, nil as no value."""
    return sprint(*("<no value>" if each is None else _followed(each) for each in values))


def _followed(value: Any) -> Any:
    target, _ = indirect(value)
    return "<no value>" if target is NO_VALUE else target
