"""Who of a receiver's several addresses has a message already, so that a further try spares them.

In the memory of this process: after a restart each is told again, under the same id.
"""

from collections.abc import Iterable

MOST = 100
"""Messages that are remembered; the oldest go."""


class Taken:
    """For one thread after another, as receivers are."""

    def __init__(self) -> None:
        self._by_message: dict[str, set[str]] = {}

    def left(self, message: str, addresses: Iterable[str]) -> tuple[str, ...]:
        """Those that do not have it yet."""
        taken = self._by_message.get(message, set())
        return tuple(each for each in addresses if each not in taken)

    def add(self, message: str, addresses: Iterable[str]) -> None:
        self._by_message.setdefault(message, set()).update(addresses)
        while len(self._by_message) > MOST:
            del self._by_message[next(iter(self._by_message))]

    def forget(self, message: str) -> None:
        """All have it."""
        self._by_message.pop(message, None)
