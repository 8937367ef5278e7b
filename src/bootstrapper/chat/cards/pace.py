"""How often Slack may be told something: per channel, and in the whole workspace. Pure.

https://docs.slack.dev/apis/web-api/rate-limits: a message a second in a channel; of chat.update
about 50 calls a minute. Posts in threads are counted with the edits, so that many failures
in many channels stay far below what a workspace is allowed.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

BURST = 15.0
PER_SECOND = 0.82
KEPT_BACK = 4.0
"""Edits that are left for finals and failures: mere progress does not take the last ones."""

_change = msgspec.structs.replace


class Method(StrEnum):
    POST = "post"
    EDIT = "edit"
    TELL = "tell"
    FILE = "file"


COUNTED = frozenset({Method.EDIT, Method.TELL})


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Times are seconds of one clock. `room` is what was left `at` that time; `free`: channel →
    when the next may be said there; `closed`: method → until when it is."""

    room: float = BURST
    at: float = 0.0
    free: Mapping[str, float] = {}
    closed: Mapping[str, float] = {}
    away: float = 0.0

    def left(self, now: float) -> float:
        return min(BURST, self.room + max(0.0, now - self.at) * PER_SECOND)


def may(pace: Pace, now: float, channel: str, method: Method, *, mere: bool = False) -> bool:
    """`mere`: it is only about progress."""
    if now < max(pace.away, pace.free.get(channel, 0.0), pace.closed.get(method, 0.0)):
        return False
    least = 1.0 + (KEPT_BACK if mere else 0.0)
    return method not in COUNTED or pace.left(now) >= least


def spent(pace: Pace, now: float, method: Method) -> Pace:
    if method not in COUNTED:
        return pace
    return _change(pace, room=pace.left(now) - 1, at=now)


def answered(pace: Pace, now: float, channel: str, interval: float) -> Pace:
    """The channel rests from the answer on: how long the call took is nobody's to know."""
    free = {name: until for name, until in pace.free.items() if until > now}
    return _change(pace, free={**free, channel: now + interval}, away=0.0)


def busy(pace: Pace, now: float, channel: str, method: Method, seconds: float) -> Pace:
    """A limit for posts is the channel's; every other one is the method's, wherever it was hit."""
    if method in (Method.POST, Method.TELL):
        return _change(pace, free={**pace.free, channel: now + seconds})
    return _change(pace, closed={**pace.closed, method: now + seconds})


def away(pace: Pace, now: float, seconds: float) -> Pace:
    return _change(pace, away=now + seconds)
