"""A running job's pen: events in, numbered entries out, in order and each exactly once.

Writing must not slow the play down, so a thread writes whatever has gathered while the last
write was under way. When Redis is away the play goes on; the pen writes on when it is back.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence

from bootstrapper.clock import to_text, utc_now
from bootstrapper.errors import Error, Unavailable
from bootstrapper.events import Event
from bootstrapper.ids import new_id
from bootstrapper.jobs.job import Job
from bootstrapper.jobs.store import Jobs, Lines, encode

logger = logging.getLogger(__name__)

GATHERED = 20_000  # events held while Redis is away; then the play waits
MOST = 500  # events in one write
PATIENCE = 120.0  # seconds without Redis until the run gives up
RETRY = 0.2  # seconds


class Pen:
    """`dismissed` is called once when the jobs are no longer ours to write to."""

    def __init__(self, jobs: Jobs, run: Sequence[Job], dismissed: Callable[[str], None]) -> None:
        self._jobs = jobs
        self._attempts = {job.id: job.attempt for job in run}
        self._written = dict.fromkeys(self._attempts, 0)
        self._name = new_id()
        self._dismissed = dismissed
        self._events: queue.Queue[tuple[Sequence[str], str, str] | None] = queue.Queue(GATHERED)
        self._thread = threading.Thread(target=self._write_all, name="journal", daemon=True)
        self._thread.start()

    def emit(self, event: Event, ids: Sequence[str] | None = None) -> None:
        """Write to these jobs' journals; to all of the run when none are named."""
        chosen = ids if ids is not None else tuple(self._attempts)
        self._events.put((chosen, to_text(utc_now()), encode(event)))

    def close(self) -> None:
        """Return when everything is written (or the run was dismissed)."""
        self._events.put(None)
        self._thread.join()

    def _write_all(self) -> None:
        last = False
        while not last:
            gathered = [self._events.get()]
            while len(gathered) < MOST:
                try:
                    gathered.append(self._events.get_nowait())
                except queue.Empty:
                    break
            last = None in gathered
            lines = self._lines([each for each in gathered if each is not None])
            if lines and not self._write(lines):
                return

    def _lines(self, gathered: Sequence[tuple[Sequence[str], str, str]]) -> list[Lines]:
        """One call for each job; its entries bear the time of the first of them."""
        events: dict[str, list[str]] = {}
        times: dict[str, str] = {}
        for ids, at, event in gathered:
            for job_id in ids:
                events.setdefault(job_id, []).append(event)
                times.setdefault(job_id, at)
        lines = []
        for job_id, texts in events.items():
            first = self._written[job_id] + 1
            self._written[job_id] += len(texts)
            attempt = self._attempts[job_id]
            lines.append(Lines(job_id, times[job_id], texts, self._name, first, attempt))
        return lines

    def _write(self, lines: Sequence[Lines]) -> bool:
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                answers = self._jobs.write(lines)
            except Unavailable as error:
                if time.monotonic() > give_up:
                    self._dismissed(str(error))
                    return False
                logger.warning("the journal waits: %s", error)
                time.sleep(RETRY)
                continue
            except Error as error:  # a play whose journal is refused for good must not go on
                self._dismissed(str(error))
                return False
            refused = next((answer for answer in answers if answer != "written"), "")
            if refused:
                self._dismissed(refused)
            return not refused
