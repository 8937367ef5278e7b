"""Go's path.Match, for many names at once: `*` and `?` do not cross a `/`."""

import re

from bootstrapper.templates.gotemplate import Fault

BAD = "syntax error in pattern"
SPECIAL = r"[*?\[\\]"


def literal_prefix(pattern: str) -> str:
    """What each match starts with."""
    found = re.search(SPECIAL, pattern)
    return pattern[: found.start()] if found else pattern


def compiled(pattern: str) -> re.Pattern[str]:
    """Matches whole names; Fault for a pattern that path.Match calls bad."""
    parts: list[str] = []
    rest = pattern
    while rest:
        part, rest = _next(rest)
        parts.append(part)
    return re.compile("".join(parts), re.DOTALL)


def _next(rest: str) -> tuple[str, str]:
    match rest[0]:
        case "*":
            return "[^/]*", rest.lstrip("*")
        case "?":
            return "[^/]", rest[1:]
        case "[":
            return _class(rest[1:])
        case "\\":
            char, rest = _escaped(rest[1:])
            return re.escape(char), rest
        case char:
            return re.escape(char), rest[1:]


def _escaped(rest: str) -> tuple[str, str]:
    if not rest:
        raise Fault(BAD)
    return rest[0], rest[1:]


def _class(rest: str) -> tuple[str, str]:
    negated = rest.startswith("^")
    rest = rest[negated:]
    ranges: list[str] = []
    while not (ranges and rest.startswith("]")):
        low, rest = _bound(rest)
        high = low
        if rest.startswith("-"):
            high, rest = _bound(rest[1:])
        if low <= high:
            ranges.append(f"{re.escape(low)}-{re.escape(high)}")
        else:
            ranges.append("")  # an empty range is none, but not an error
    inner = "".join(ranges)
    if not inner:
        return ("." if negated else "(?!)"), rest[1:]
    return f"[{'^' if negated else ''}{inner}]", rest[1:]


def _bound(rest: str) -> tuple[str, str]:
    if not rest or rest[0] in "-]":
        raise Fault(BAD)
    char, rest = _escaped(rest[1:]) if rest[0] == "\\" else (rest[0], rest[1:])
    if not rest:
        raise Fault(BAD)
    return char, rest
