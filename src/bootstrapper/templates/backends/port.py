"""The port of all backends."""

from collections.abc import Sequence
from typing import Protocol

from bootstrapper.lifecycle import Stop


class Backend(Protocol):
    """Made without a look at the network: a store that is down is met at the first call.

    Every method may be called from several threads. `Unavailable`: try again later. `Mistake`:
    the settings are wrong, and trying again will not help. No other error comes out.
    """

    watches: bool
    """False: `wait` does not know of changes; look every interval instead."""

    def values(self, keys: Sequence[str]) -> dict[str, str]:
        """Everything at or below each key, by whole key. What is not there is left out.

        Bytes that are not UTF-8 are kept as surrogate escapes.
        """
        ...

    def wait(self, prefix: str, keys: Sequence[str], since: int, stop: Stop) -> int:
        """Block until something at or below a key may have changed after `since`.

        Returns the new index, or `since` when `stop` was set. An index is of use only for the
        next wait on the same keys; 0 is before all of them and comes back at once, so that
        `wait(0)`, read, `wait(index)`, read … misses nothing.
        """
        ...


def nothing_to_hear(since: int, stop: Stop) -> int:
    """The wait of what tells of no change."""
    if since:
        stop.wait()
    return since or 1
