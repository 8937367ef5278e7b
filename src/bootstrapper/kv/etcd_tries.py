"""How long one question may take at one endpoint, and when to give up on all of them.

A question that a member passed on to a leader that is dead is lost, so tries are short, and half
as long once somebody was found dead; in the second half of the time they grow, for a store that is
just slow. Where nobody listens at all, there is nothing to wait for.
"""

import time

from bootstrapper.errors import Unavailable

PAUSE = 0.05  # seconds between two rounds over all endpoints
LEAST = 0.001  # seconds of a try


class NotSent(Unavailable):
    """Nobody listens there: what was asked has not happened."""


class Silent(Unavailable):
    """Somebody listens, and did not answer in time."""


class Tries:
    """`seconds` for all, `each` for one try. `doubtful`: one that failed may have been heard."""

    def __init__(self, each: float, seconds: float) -> None:
        self._each = each
        self._began = time.monotonic()
        self._end = self._began + seconds
        self._somebody_dead = False
        self._somebody_listens = False
        self._last: Unavailable | None = None
        self.doubtful = False

    def seconds(self) -> float:
        """For the next try."""
        each = self._each / 2 if self._somebody_dead else self._each
        return max(min(each, self._end - time.monotonic()), LEAST)

    def failed(self, error: Unavailable) -> None:
        """Raises it when the time is over."""
        self._last = error
        if isinstance(error, NotSent):
            self._somebody_dead = True
        else:
            self.doubtful = self._somebody_listens = True
            self._somebody_dead = self._somebody_dead or not isinstance(error, Silent)
        if time.monotonic() > self._end:
            raise error

    def next_round(self) -> None:
        """Every endpoint had its turn."""
        if self._last is not None and not self._somebody_listens:
            raise self._last
        self._somebody_listens = False
        time.sleep(PAUSE)
        if time.monotonic() > (self._began + self._end) / 2:
            self._each *= 2
