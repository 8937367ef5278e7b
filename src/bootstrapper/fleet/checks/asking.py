"""A question in flight, as the loop sees it: a few file descriptors, a deadline and a result."""

import errno
import os
from selectors import BaseSelector
from typing import Protocol

from bootstrapper.fleet.checks.counting import Result

OURS = frozenset(
    (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL, errno.EAGAIN)
)
"""Errors of this machine that say nothing of the service."""


class NotAsked(Exception):
    """The question could not be put, for want of something of our own."""


class Asking(Protocol):
    """One file descriptor is registered in a selector with the asking as its data.

    `over`: nothing of it is left; a result may come before that.
    """

    over: bool

    def begin(self, selector: BaseSelector) -> Result | None:
        """Raises NotAsked."""
        ...

    def turn(self, selector: BaseSelector, fd: int) -> Result | None:
        """What `fd` was ready for. Raises NotAsked."""
        ...

    def expire(self, selector: BaseSelector) -> Result:
        """Its time is up."""
        ...

    def close(self, selector: BaseSelector) -> None:
        """Whatever it was doing: nothing of it remains."""
        ...


def words(error: OSError) -> str:
    """As `connection refused`. The numbers of TLS are its own, and none of the system's."""
    if reason := getattr(error, "reason", ""):
        return f"TLS: {reason.lower().replace('_', ' ')}"
    if type(error).__module__ == "ssl":
        return "TLS: it is closed before its time"
    text = os.strerror(error.errno) if error.errno else str(error)
    return text[:1].lower() + text[1:]
