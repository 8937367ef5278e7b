"""More callers than this process may have file descriptors: the rest wait, and the log says so.

asyncio tries 4096 times a second to take them, and tells each failure with a traceback; without
this, the log would be what fills the disk.
"""

import asyncio
import errno
import logging
import time
from typing import Any

logger = logging.getLogger(__name__)

PAUSE = 10.0  # seconds from one word about it to the next
_FULL = (errno.EMFILE, errno.ENFILE)


class Crowd:
    """An event loop's exception handler."""

    def __init__(self) -> None:
        self._told = float("-inf")

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not (isinstance(error, OSError) and error.errno in _FULL):
            loop.default_exception_handler(context)
            return
        now = time.monotonic()
        if now - self._told > PAUSE:
            self._told = now
            logger.error("new callers wait: %s", error.strerror)
