"""Keep what was heard, or say that it cannot be done before Slack stops waiting (3 s)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bootstrapper.chat.heard import AnyHeard
from bootstrapper.errors import Unavailable

SECONDS = 2.0
THREADS = 8

Keep = Callable[[AnyHeard], None]


class InTime:
    """A Redis that hangs is tried for longer than Slack waits. What is then kept after all is
    kept once, as Slack delivers it again under the same id."""

    def __init__(self, keep: Keep, seconds: float = SECONDS) -> None:
        self._keep = keep
        self._seconds = seconds
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="hearing")

    def __call__(self, heard: AnyHeard) -> None:
        keeping = self._pool.submit(self._keep, heard)
        try:
            keeping.result(self._seconds)
        except TimeoutError as error:
            keeping.cancel()  # if it has not begun
            raise Unavailable(f"the inbox did not answer within {self._seconds:g} s") from error
