"""What a turn did to one file, as a value: the log, the metrics and `templates status` read it."""

import difflib
import re
from enum import StrEnum

import msgspec

DIFF = 16_384  # characters kept of a diff
_NUMBER = re.compile(r"([-+])(\d+)")
LINES = 20_000  # files of more lines are counted, not compared line by line


class Outcome(StrEnum):
    UNCHANGED = "unchanged"
    INSTALLED = "installed"  # and reloaded, where there is a command for it
    LIVE = "live"  # the proxy was changed at run time; no reload
    HELD = "held"  # by the guard: the last good file stays
    FAILED = "failed"  # the last good file stays
    PREVIEWED = "previewed"  # noop: this is what would be done

    @property
    def good(self) -> bool:
        """Whether the file is now true to its keys."""
        return self in (Outcome.UNCHANGED, Outcome.INSTALLED, Outcome.LIVE)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`cause`: what woke the turn. `seconds`: from the change (or the turn's begin) to its end."""

    name: str
    dest: str
    cause: str
    outcome: Outcome
    reason: str = ""
    diff: str = ""
    revision: int = 0
    keys: int = 0
    seconds: float = 0.0
    reloaded: bool = False


def difference(old: bytes | None, new: bytes, path: str, *, secret: bool) -> str:
    """A unified diff; a count alone where the file is secret or its lines too many."""
    before = [] if old is None else old.decode(errors="replace").splitlines()
    after = new.decode(errors="replace").splitlines()
    if secret or max(len(before), len(after)) > LINES:
        return f"{len(before)} lines before, {len(after)} after"
    names = ("/dev/null" if old is None else path, path)
    before, after, first = _middle(before, after)
    lines = difflib.unified_diff(before, after, *names, n=1, lineterm="")
    text = "\n".join(_moved(line, first) for line in lines)
    return text if len(text) <= DIFF else f"{text[:DIFF]}\n… {len(text) - DIFF} more"


def _moved(line: str, by: int) -> str:
    """A hunk's heading counts the file's lines, not those of the part that was compared."""
    if not (by and line.startswith("@@")):
        return line
    return _NUMBER.sub(lambda found: f"{found[1]}{int(found[2]) + by}", line)


def _middle(before: list[str], after: list[str]) -> tuple[list[str], list[str], int]:
    """Without what both begin and end with (but for a line): comparing is quadratic at worst."""
    first = 0
    while first < min(len(before), len(after)) and before[first] == after[first]:
        first += 1
    last = 0
    most = min(len(before), len(after)) - first
    while last < most and before[-1 - last] == after[-1 - last]:
        last += 1
    first = max(0, first - 1)
    cut = slice(first, -(last - 1) if last > 1 else None)
    return before[cut], after[cut], first
