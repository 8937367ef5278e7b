"""The event stream: thousands of idle readers on one connection to Redis.

A thread hears which journals have grown (`jobs/hearing`) and wakes their readers; each reads on
from its own number. A wake that was missed does no harm: readers also look by themselves now and
then.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import anyio
import anyio.to_thread
import msgspec

from bootstrapper.api.views import event_view
from bootstrapper.control.parts import Parts
from bootstrapper.errors import Error
from bootstrapper.events import Entry, JobEnded
from bootstrapper.jobs.job import Job

logger = logging.getLogger(__name__)

QUIET = 15.0  # seconds between a reader's own looks, and between its keep-alives
PAGE = 500  # entries read at once
READERS = 8  # of the thread pool, so that they never starve the API


class Hub:
    """Which readers wait for which job. Used from the event loop's thread alone."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self.limiter: anyio.CapacityLimiter | None = None
        self.ending = asyncio.Event()

    def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.limiter = anyio.CapacityLimiter(READERS)

    def end(self) -> None:
        self.ending.set()
        self._wake(None)

    def wake(self, job_id: str | None) -> None:
        """From any thread; None wakes everybody."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake, job_id)

    def _wake(self, job_id: str | None) -> None:
        chosen = self._waiting.values() if job_id is None else [self._waiting.get(job_id, set())]
        for events in chosen:
            for event in events:
                event.set()

    async def quiet(self, job_id: str, event: asyncio.Event, seconds: float) -> None:
        """Until the job's journal has grown, or so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            pass
        event.clear()

    def enter(self, job_id: str) -> asyncio.Event:
        event = asyncio.Event()
        self._waiting.setdefault(job_id, set()).add(event)
        return event

    def leave(self, job_id: str, event: asyncio.Event) -> None:
        events = self._waiting.get(job_id, set())
        events.discard(event)
        if not events:
            self._waiting.pop(job_id, None)


async def follow(parts: Parts, hub: Hub, job_id: str, after: int) -> AsyncIterator[bytes]:
    """Server-sent events from number `after` on, until the job has ended."""
    event = hub.enter(job_id)
    try:
        yield b"retry: 1000\n\n"
        while not hub.ending.is_set():
            try:
                entries = await anyio.to_thread.run_sync(
                    parts.jobs.journal, job_id, after, PAGE, limiter=hub.limiter
                )
            except Error as error:
                logger.warning("a reader waits: %s", error)
                yield b": the store is away\n\n"
                await hub.quiet(job_id, event, 1.0)
                continue
            for entry in entries:
                yield _message(entry)
                after = entry.seq
                if isinstance(entry.event, JobEnded):
                    return
            if len(entries) < PAGE:
                if not entries:
                    yield b": quiet\n\n"
                await hub.quiet(job_id, event, QUIET)
    finally:
        hub.leave(job_id, event)


async def wait_for_end(parts: Parts, hub: Hub, job_id: str, seconds: float) -> Job:
    """The job as it is when it has ended, or when the time is over."""
    event = hub.enter(job_id)
    deadline = asyncio.get_running_loop().time() + seconds
    try:
        while True:
            job = await anyio.to_thread.run_sync(parts.jobs.get, job_id, limiter=hub.limiter)
            left = deadline - asyncio.get_running_loop().time()
            if job.final or left <= 0 or hub.ending.is_set():
                return job
            await hub.quiet(job_id, event, min(left, QUIET))
    finally:
        hub.leave(job_id, event)


def _message(entry: Entry) -> bytes:
    view: dict[str, Any] = event_view(entry)
    kind = str(view["type"]).encode()
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (entry.seq, kind, msgspec.json.encode(view))
