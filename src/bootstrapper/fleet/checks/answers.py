"""What an HTTP server's first bytes say: 2xx and 3xx pass, and no redirect is followed. Pure."""

import re

from bootstrapper.fleet.checks.counting import Result

MOST = 16_384  # bytes within which a final status must have come
SHOWN = 60  # letters of the server's own words
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})(?: ([^\r\n]*))?\r?\n")
_END = re.compile(rb"\r?\n\r?\n")


def judge(told: str, head: bytes, *, ended: bool = False) -> Result | None:
    """None: not enough is known yet. Interim answers (1xx) are passed over."""
    whole = len(head)
    while found := _STATUS.match(head):
        status = int(found[1])
        if status >= 200:  # noqa: PLR2004 (RFC 9110, 15.2)
            return Result(status < 400, f"{told}: {_words(found)}")  # noqa: PLR2004
        end = _END.search(head)
        if end is None:
            break
        head = head[end.end() :]
    if ended:
        return Result(False, f"{told}: closed without an answer")
    if not b"HTTP/".startswith(head[:5]) or whole > MOST or _other(head):
        return Result(False, f"{told}: the answer is not HTTP")
    return None


def _other(head: bytes) -> bool:
    """A whole line that is no status."""
    return b"\n" in head and not _STATUS.match(head)


def _words(found: "re.Match[bytes]") -> str:
    reason = (found[2] or b"").decode("ascii", "replace").strip()
    clean = "".join(letter for letter in reason if letter.isprintable())
    return f"{int(found[1])} {clean[:SHOWN]}".rstrip()
