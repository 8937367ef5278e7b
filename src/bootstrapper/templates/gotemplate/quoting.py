"""Go's quoted strings and characters, read and written."""

import re
import unicodedata

from bootstrapper.templates.gotemplate.errors import Fault
from bootstrapper.templates.gotemplate.unicode_13 import later

SHORT = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    "'": "'",
    '"': '"',
}
LONG = {char: f"\\{name}" for name, char in SHORT.items() if name not in {"'", '"'}}
ESCAPE = (
    r"(?s)\\(?:(?P<short>[abfnrtv\\'\"])|(?P<octal>[0-7]{3})|x(?P<byte>[0-9a-fA-F]{2})"
    r"|u(?P<four>[0-9a-fA-F]{4})|U(?P<eight>[0-9a-fA-F]{8})|(?P<wrong>.?))"
)
INVALID = "invalid syntax"
SURROGATES = range(0xD800, 0xE000)
LAST = 0x10FFFF
BYTE = 0xFF
SMALL = 0x80
PLANE = 0x10000
ESCAPED_BYTES = range(0xDC80, 0xDD00)  # how Python keeps bytes that are no UTF-8


def unquote(literal: str) -> str:
    """A string literal's value; Fault when it is none."""
    mark, inner = literal[:1], literal[1:-1]
    if mark == "`":
        return inner.replace("\r", "")
    if "\\" not in inner:
        return inner
    return _bytes_joined(re.sub(ESCAPE, lambda found: _escaped(found, mark), inner))


def unquote_char(literal: str) -> int:
    inner = literal[1:-1]
    found = re.fullmatch(ESCAPE, inner) if inner.startswith("\\") else None
    if found:
        number = found["octal"] or found["byte"]
        if number:
            return _byte(found)
        inner = _escaped(found, "'")
    elif not inner:
        raise Fault(INVALID)
    if len(inner) != 1:
        raise Fault(f"malformed character constant: {literal}")
    if inner == "'" and found is None:
        raise Fault(INVALID)
    return ord(inner)


def _byte(found: re.Match[str]) -> int:
    value = int(found["octal"], 8) if found["octal"] else int(found["byte"], 16)
    if value > BYTE:
        raise Fault(INVALID)
    return value


def _escaped(found: re.Match[str], mark: str) -> str:
    if short := found["short"]:
        if short in "'\"" and short != mark:
            raise Fault(INVALID)
        return SHORT[short]
    if found["octal"] or found["byte"]:
        value = _byte(found)
        return chr(value) if value < SMALL else chr(0xDC00 + value)
    if digits := found["four"] or found["eight"]:
        code = int(digits, 16)
        if code > LAST or code in SURROGATES:
            raise Fault(INVALID)
        return chr(code)
    raise Fault(INVALID)


def _bytes_joined(text: str) -> str:
    """Escaped bytes that make up a character together become it."""
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def quote(text: str, *, ascii_only: bool = False) -> str:
    return '"' + "".join(_shown(char, '"', ascii_only) for char in text) + '"'


def quote_char(code: int, *, ascii_only: bool = False) -> str:
    if not 0 <= code <= LAST or code in SURROGATES:
        code = 0xFFFD
    return "'" + _shown(chr(code), "'", ascii_only) + "'"


def can_backquote(text: str) -> bool:
    return not any(
        char in "`\x7f\ufeff" or (char < " " and char != "\t") or ord(char) in ESCAPED_BYTES
        for char in text
    )


def printable(char: str) -> bool:
    """Go's IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space."""
    if char.isascii():
        return char.isprintable()
    return unicodedata.category(char)[0] in "LMNPS" and char not in later()


def _shown(char: str, mark: str, ascii_only: bool) -> str:
    code = ord(char)
    if char == mark:
        return f"\\{char}"
    if char in LONG:
        return LONG[char]
    if code in ESCAPED_BYTES:
        return f"\\x{code - 0xDC00:02x}"
    if printable(char) and (code < SMALL or not ascii_only):
        return char
    if code < ord(" ") or code == ord("\x7f"):
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < PLANE else f"\\U{code:08x}"
