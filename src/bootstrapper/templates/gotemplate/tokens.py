"""The tokens of a template's source, and what they look like."""

from enum import Enum
from typing import NamedTuple

SPACES = " \t\r\n"


class Token(Enum):
    ERROR = 1
    EOF = 2
    TEXT = 3
    LEFT = 4  # {{
    RIGHT = 5  # }}
    SPACE = 6
    ASSIGN = 7
    DECLARE = 8
    PIPE = 9
    LEFT_PAREN = 10
    RIGHT_PAREN = 11
    CHAR = 12
    STRING = 13
    RAW_STRING = 14
    CHAR_CONSTANT = 15
    NUMBER = 16
    COMPLEX = 17
    FIELD = 18
    VARIABLE = 19
    IDENTIFIER = 20
    BOOL = 21
    DOT = 22
    KEYWORD = 23
    NIL = 24


class Item(NamedTuple):
    token: Token
    text: str
    position: int
    line: int


KEYWORDS = frozenset(
    {
        "block",
        "break",
        "continue",
        "define",
        "else",
        "end",
        "if",
        "nil",
        "range",
        "template",
        "with",
    }
)
SINGLE = {"=": Token.ASSIGN, "|": Token.PIPE}
QUOTED = r'"(?:[^"\\\n]|\\[^\n])*(?P<end>")?'
CHAR = r"'(?:[^'\\\n]|\\[^\n])*(?P<end>')?"
NUMBER = (
    r"[+-]?(?:"
    r"0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?"
    r"|0[oO][0-7_]*(?:\.[0-7_]*)?"
    r"|0[bB][01_]*(?:\.[01_]*)?"
    r"|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?"
    r")i?"
)


def alphanumeric(char: str) -> bool:
    return char == "_" or char.isalpha() or char.isdecimal()


def code_point(char: str) -> str:
    """As Go's %#U."""
    shown = f" '{char}'" if char.isprintable() else ""
    return f"U+{ord(char):04X}{shown}"
