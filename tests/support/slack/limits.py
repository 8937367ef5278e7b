"""How often an app may call. https://docs.slack.dev/apis/web-api/rate-limits

The documents promise a tier's calls per minute, and one message per second and channel, and leave
open how far a burst may go; what is allowed here is settable, and meant to be on the strict side.
"""

import math
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from support.slack.values import Call

POST = "chat.postMessage"


@dataclass(frozen=True)
class Rate:
    """`burst` calls at once, then `per_minute`."""

    per_minute: float
    burst: float


TIER_1 = Rate(1, 2)
TIER_2 = Rate(20, 10)
TIER_3 = Rate(50, 20)
TIER_4 = Rate(100, 50)
DOCUMENTED = {
    "apps.connections.open": TIER_1,
    "auth.test": Rate(300, 300),
    "chat.postEphemeral": TIER_4,
    POST: Rate(60, 3),  # of each channel
    "chat.update": TIER_3,
    "conversations.history": TIER_3,
    "conversations.info": TIER_3,
    "conversations.open": TIER_3,
    "conversations.replies": TIER_3,
    "files.completeUploadExternal": TIER_4,
    "files.getUploadURLExternal": TIER_4,
    "users.info": TIER_4,
    "views.open": TIER_4,
}


@dataclass
class Bucket:
    left: float
    at: float

    def take(self, rate: Rate, now: float) -> float:
        """0, or the seconds until there is one again."""
        grown = self.left + (now - self.at) * rate.per_minute / 60
        self.left, self.at = min(rate.burst, grown), now
        if self.left >= 1:
            self.left -= 1
            return 0.0
        return (1 - self.left) * 60 / rate.per_minute


class Limits:
    def __init__(self) -> None:
        self.rates = dict(DOCUMENTED)
        self._buckets: dict[tuple[str, str, str], Bucket] = {}
        self._told: dict[str, list[int]] = {}
        self._lock = threading.Lock()

    def set(self, method: str, per_minute: float, burst: float) -> None:
        with self._lock:
            self.rates[method] = Rate(per_minute, burst)
            self._buckets.clear()

    def off(self) -> None:
        """No limit for any method."""
        with self._lock:
            self.rates.clear()

    def refuse(self, method: str, *retry_after: int) -> None:
        """The next calls of this method get a 429, each with these seconds in Retry-After."""
        with self._lock:
            self._told.setdefault(method, []).extend(retry_after)

    def wait(self, method: str, token: str, channel: str, now: float) -> int:
        """0 when the call may be made, or what Retry-After says: whole seconds."""
        with self._lock:
            if told := self._told.get(method):
                return told.pop(0)
            if (rate := self.rates.get(method)) is None:
                return 0
            key = (method, token, channel if method == POST else "")
            bucket = self._buckets.setdefault(key, Bucket(rate.burst, now))
            return math.ceil(bucket.take(rate, now))


def most_within(seconds: float, calls: Iterable[Call]) -> int:
    """The largest number of these calls in any stretch of so many seconds."""
    times = sorted(call.at for call in calls)
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most
