"""What is new since the cursors: ends of jobs, events of the fleet, what was raised."""

from typing import Any

import msgspec
from msgspec.structs import replace

from bootstrapper.clock import from_text
from bootstrapper.control.notices import Raised, stream_of
from bootstrapper.control.parts import Parts
from bootstrapper.jobs.states import State
from bootstrapper.notify.fleet_news import FleetNews
from bootstrapper.notify.memory import Cursors
from bootstrapper.notify.notice import Notice
from bootstrapper.notify.reading import (
    notice_of_job,
    notice_of_lost_record,
    notice_of_raised,
    notices_of_event,
)
from bootstrapper.redis_link import translated

AT_ONCE = 1000
"""Entries of a stream that one turn takes."""
_raised_decoder = msgspec.json.Decoder(Raised)

Entries = list[tuple[str, dict[bytes, bytes]]]


class Sources:
    def __init__(self, parts: Parts, fleet: FleetNews) -> None:
        self._parts = parts
        self._fleet = fleet
        self._prefix = parts.settings.redis.prefix

    def begin(self, cursors: Cursors) -> Cursors:
        """What happened before anybody was to be told is not told."""
        return replace(
            cursors,
            ends=cursors.ends or self._last(f"{self._prefix}ends"),
            raised=cursors.raised or self._last(stream_of(self._prefix)),
        )

    def read(self, cursors: Cursors) -> tuple[tuple[Notice, ...], Cursors]:
        """Each notice once, the oldest of each source first; and how far that is."""
        ends = self._entries(f"{self._prefix}ends", cursors.ends)
        raised = self._entries(stream_of(self._prefix), cursors.raised)
        steps = self._fleet.after(cursors.fleet)
        found = [*self._of_jobs(ends)]
        found += [notice_of_raised(_raised_decoder.decode(each[b"notice"])) for _, each in raised]
        for step in steps:
            for told in step.events:
                found += notices_of_event(told.event, told.cluster)
        once = {notice.id: notice for notice in found}
        return tuple(once.values()), Cursors(
            ends=ends[-1][0] if ends else cursors.ends,
            raised=raised[-1][0] if raised else cursors.raised,
            fleet=steps[-1].revision if steps else cursors.fleet,
        )

    def _of_jobs(self, ends: Entries) -> list[Notice]:
        told = [(each[b"job"].decode(), State(each[b"state"].decode())) for _, each in ends]
        jobs = {job.id: job for job in self._parts.jobs.many(job_id for job_id, _ in told)}
        url, found = self._parts.settings.api.url, []
        for (job_id, state), (number, _) in zip(told, ends, strict=True):
            job = jobs.get(job_id)
            if job is None:
                at = int(number.partition("-")[0]) / 1000
                found.append(notice_of_lost_record(job_id, state, at))
            else:
                found.append(notice_of_job(job, from_text(job.finished).timestamp(), url))
        return found

    def _entries(self, stream: str, after: str) -> Entries:
        with translated("looking for news"):
            found: Any = self._parts.redis.xrange(stream, f"({after}", "+", AT_ONCE)
        return [(number.decode(), fields) for number, fields in found]

    def _last(self, stream: str) -> str:
        with translated("looking for news"):
            found: Any = self._parts.redis.xrevrange(stream, count=1)
        return str(found[0][0].decode()) if found else "0-0"
