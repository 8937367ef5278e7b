"""Where to connect: numbers at once, names by a thread of their own that may hang.

A name server that does not answer must hold up nobody's checks, so whoever asks for a name gets
what is known by now, and is woken when there is more.
"""

import resource
import socket
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

Address = tuple[int, Any]
"""An address family, and what `connect` wants of it."""

KNOWN_FOR = 60.0  # seconds until a name is asked for again
UNKNOWN_FOR = 1.0
MOST = 4096  # names and numbers that are remembered
THREADS = 2
PORTS = 65536


def links_at_once(most: int) -> int:
    """No more than half of the files that this process may have open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return most if soft == resource.RLIM_INFINITY else max(1, min(most, soft // 2))


def numeric(host: str, port: int) -> tuple[Address, ...]:
    """Of `192.0.2.1`, `::1` or `fe80::1%eth0`; nothing for a name."""
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    try:
        return _found(host, port, flags)
    except (OSError, UnicodeError):
        return ()


def resolved(host: str, port: int) -> tuple[Address, ...]:
    """Blocks as long as the name server likes; nothing when there is no such name."""
    try:
        return _found(host, port, socket.AI_NUMERICSERV)
    except (OSError, UnicodeError):
        return ()


def _found(host: str, port: int, flags: int) -> tuple[Address, ...]:
    if not host or not 0 < port < PORTS:
        return ()  # the resolver takes no host for this one, and a port modulo 65536
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return tuple((family, address) for family, _, _, _, address in found)


class Names:
    """Known addresses, for one thread that asks; `wake` is called when another has found more."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._known: dict[tuple[str, int], tuple[float, tuple[Address, ...]]] = {}
        self._asked: set[tuple[str, int]] = set()
        self._questions: SimpleQueue[tuple[str, int] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    def addresses(self, host: str, port: int) -> tuple[Address, ...] | None:
        """Empty: there is no such name. None: not known yet. An old answer is better than none."""
        until, found = self._known.get((host, port), (0.0, None))
        if found is None and (found := numeric(host, port) or None):
            until = float("inf")
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[host, port] = until, found
        if until < time.monotonic() and (host, port) not in self._asked:
            self._ask(host, port)
        return found

    def close(self) -> None:
        for _ in self._threads:
            self._questions.put(None)

    def _ask(self, host: str, port: int) -> None:
        self._asked.add((host, port))
        self._questions.put((host, port))
        if len(self._threads) < THREADS:
            thread = threading.Thread(target=self._answer, name="names", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _answer(self) -> None:
        while (question := self._questions.get()) is not None:
            found = resolved(*question)
            _, before = self._known.get(question, (0.0, ()))
            until = time.monotonic() + (KNOWN_FOR if found else UNKNOWN_FOR)
            self._known[question] = until, found or before
            self._asked.discard(question)
            self._wake()
