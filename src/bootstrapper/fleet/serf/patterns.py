"""Patterns for members-filtered: one that the agent cannot compile makes it hang up.

The agent reads Go's RE2 (https://github.com/google/re2/wiki/Syntax), and there is no way to ask it
first. What both RE2 and Python take for the same is let through; the rest is a Mistake.
"""

import re
import warnings

from bootstrapper.errors import Mistake

REPEATS = 1000
"""RE2 takes no more, those within others multiplied."""
_PIECE = re.compile(
    r"\\(?P<escape>.)|\[(?P<not>\^?)(?P<set>\]?(?:\\.|[^\]\\])*)\]"
    r"|\((?P<group>\?.)|(?P<possessive>(?:[*+?]|\{\d+(?:,\d*)?\})\+)|\{(?P<times>\d+)(?:,(?P<most>\d*))?\}"
    r"|(?P<other>.)",
    re.DOTALL,
)
_ESCAPES = frozenset("dDwWsSbBAnrtfv")
_IN_SET = frozenset("dDwWsSnrtfv")
_NAMED = re.compile(r"\(\?P<[A-Za-z_][A-Za-z0-9_]*>")


def whole(pattern: str, field: str) -> str:
    """`pattern` as the agent takes it; it anchors without parentheses, so that they are ours."""
    if not pattern:
        return ""
    if why := fault(pattern):
        raise Mistake(f"the pattern {pattern!r} {why}", field=field)
    return f"(?:{pattern})"


def fault(pattern: str) -> str:
    """ "" when the agent will take it."""
    try:
        pattern.encode()
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)
            re.compile(pattern)
    except UnicodeEncodeError:
        return "is not UTF-8"
    except (re.error, FutureWarning, OverflowError, RecursionError) as error:
        return f"cannot be read: {error}"
    return _foreign(pattern)


def _foreign(pattern: str) -> str:
    """What Python reads and RE2 does not."""
    repeats = 1
    for piece in _PIECE.finditer(pattern):
        if (escape := piece["escape"]) is not None and not _plain(escape, _ESCAPES):
            return f"has \\{escape}, which Serf does not know"
        if (letters := piece["set"]) is not None and not _set_is_known(letters):
            return f"has [{letters}], which Serf reads otherwise"
        if piece["group"] == "?P" and not _NAMED.match(pattern, piece.start()):
            return "has a group that Serf does not know"
        if piece["group"] and piece["group"] not in ("?:", "?P"):
            return "has a group that Serf does not know"
        if piece["possessive"]:
            return f"has {piece['possessive']}, which Serf does not know"
        if piece["times"]:
            repeats *= max(int(piece["times"]), int(piece["most"] or 0), 1)
    return f"repeats more than {REPEATS} times" if repeats > REPEATS else ""


def _plain(escape: str, known: frozenset[str]) -> bool:
    return escape in known or (escape.isascii() and not escape.isalnum() and escape.isprintable())


def _set_is_known(letters: str) -> bool:
    escapes = re.findall(r"\\(.)", letters, re.DOTALL)
    return "[:" not in letters and all(_plain(each, _IN_SET) for each in escapes)
