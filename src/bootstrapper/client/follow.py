"""Follow a job's journal to its end across lost connections: a reader resumes by number."""

from collections.abc import Callable, Iterator

import msgspec

from bootstrapper.client.entries import messages, read_entry
from bootstrapper.client.patience import Patience
from bootstrapper.client.server import Server, escaped
from bootstrapper.client.views import Job
from bootstrapper.errors import Unavailable
from bootstrapper.events import Entry, JobEnded

SILENCE = 45.0  # seconds; the server says something at least every 15


def follow(server: Server, job_id: str, after: int, patience: Patience) -> Iterator[Entry]:
    """Every entry after `after`, once and in order, until the job has ended."""
    last = after
    while True:
        try:
            for entry in _stream(server, job_id, last, patience.heard):
                if entry.seq <= last:
                    continue
                last = entry.seq
                yield entry
                if isinstance(entry.event, JobEnded):
                    return
            if _nothing_left(server, job_id, last):
                return
            raise Unavailable(f"{server.url}: the stream ended before the job")
        except Unavailable as error:
            patience.lost(error)


def _stream(server: Server, job_id: str, last: int, heard: Callable[[], None]) -> Iterator[Entry]:
    headers = {"Accept": "text/event-stream", "Last-Event-ID": str(last)}
    path, query = f"/jobs/{escaped(job_id)}/events", {"after": last}
    with server.open("GET", path, query=query, headers=headers, timeout=SILENCE) as answer:
        for data in messages(_noting(answer, heard)):
            yield read_entry(data)


def _noting(lines: Iterator[bytes], heard: Callable[[], None]) -> Iterator[bytes]:
    """A comment that keeps the stream alive is a sign of life, too."""
    for line in lines:
        heard()
        yield line


def _nothing_left(server: Server, job_id: str, last: int) -> bool:
    """A stream that ended without the job's end: it may have been told before `last`."""
    job = msgspec.json.decode(server.ask("GET", f"/jobs/{escaped(job_id)}"), type=Job)
    return job.final and job.seq <= last
