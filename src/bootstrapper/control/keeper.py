"""The keeper compares what should be with what is, every second, and mends the difference.

Tickets that were lost, jobs whose worker gave no sign of life, times that came, approvals that
expired, history that is over. Each step is harmless when another keeper does it too; a lease
sees to it that usually one does.
"""

import logging
import time
from datetime import timedelta

from bootstrapper.clock import from_text, utc_now
from bootstrapper.control.calendar import follow
from bootstrapper.control.cancel import wake
from bootstrapper.control.lease import Lease
from bootstrapper.control.parts import Parts
from bootstrapper.control.starting import FREEZE, release
from bootstrapper.errors import Error, Unavailable
from bootstrapper.jobs.endings import lose
from bootstrapper.jobs.job import Job
from bootstrapper.jobs.states import State
from bootstrapper.lifecycle import Stop
from bootstrapper.playbooks.content import FOLDER, newest, prune

logger = logging.getLogger(__name__)

TURN = 1.0  # seconds
HISTORY = 60.0  # seconds between looks at what is over
SILENT = "its worker gave no sign of life"
UNHEARD = "nothing was heard of the run"
MOST_COUNTED = 1.5  # seconds of silence from one look to the next, however long that took


class Keeper:
    """`worker` and `slots`: whose sign of life this keeper gives."""

    def __init__(self, parts: Parts, worker: str, slots: int) -> None:
        self._parts = parts
        self._worker = worker
        self._slots = slots
        self._lease = Lease(parts, "keeper")
        self._seen: dict[str, tuple[str, float]] = {}
        self._looked = time.monotonic()
        self._history = 0.0
        self._content = float("-inf")

    def keep(self, stop: Stop) -> None:
        """The loop."""
        while not stop.is_set():
            try:
                self.turn()
            except Unavailable as error:
                logger.warning("the keeper waits: %s", error)
                self._seen.clear()  # silence while Redis was away says nothing of a worker
            except (Error, OSError) as error:  # a full disk, most often
                logger.error("the keeper goes on after: %s", error)
            stop.wait(TURN)

    def turn(self) -> None:
        self._parts.signs.worker_lives(self._worker, self._slots)
        silent = self._silent()  # seen by every keeper, so that a new leader need not wait
        if not self._lease.held():
            return
        open_jobs = list(self._parts.jobs.many(self._parts.jobs.open_ids()))
        for job in open_jobs:
            if job.state is State.RUNNING and silent.get(job.id, 0.0) > self._patience(job):
                why = UNHEARD if job.reported else SILENT
                logger.error("job %s is lost: %s", job.id, why)
                wake(self._parts, lose(self._parts.jobs, job, why))
        self._parts.holds.mend()
        self._rewrite_tickets(open_jobs)
        self._let_go(open_jobs)
        follow(self._parts, utc_now())
        self._follow_the_content()
        self._forget_history(open_jobs)

    def _patience(self, job: Job) -> float:
        part = self._parts.settings.jobs
        return part.unheard_after if job.reported else part.lost_after

    def _silent(self) -> dict[str, float]:
        """For how long each job's sign of life has stood still, in seconds by our own clock.

        When a look was long in coming, Redis or this machine stood still, and so did whoever
        would have given a sign: that time says little of a worker.
        """
        beats = self._parts.signs.beats()
        now = time.monotonic()
        counted = min(now - self._looked, MOST_COUNTED)
        self._looked = now
        before, self._seen = self._seen, {}
        for job_id, beat in beats.items():
            known, silence = before.get(job_id, ("", 0.0))
            self._seen[job_id] = (beat, silence + counted if known == beat else 0.0)
        return {job_id: silence for job_id, (_, silence) in self._seen.items()}

    def _rewrite_tickets(self, open_jobs: list[Job]) -> None:
        """A ticket for every job that may start and has none: one may have been lost."""
        waiting = self._parts.tickets.waiting()
        for job in open_jobs:
            if job.id in waiting:
                continue
            if job.state is State.PENDING or (job.state is State.WAITING and self._may_try(job)):
                self._parts.tickets.put(job.id, job.spec.options.priority)

    def _may_try(self, job: Job) -> bool:
        """Whether the lock that it was seen waiting for is free, or its holder another now."""
        if not job.claimable:  # it waits for people, a time or a freeze
            return False
        holders = self._parts.holds.held_by(job.waits_for)
        return not holders or job.held_by not in holders

    def _let_go(self, open_jobs: list[Job]) -> None:
        now = utc_now()
        for job in open_jobs:
            if job.state is not State.WAITING:
                continue
            asked = job.spec.approvals
            begin = job.spec.options.not_before
            come = job.waits_for == "time" and from_text(begin) <= now
            if come or job.waits_for == FREEZE:
                release(self._parts, job)
            elif job.waits_for == "approval" and asked:
                if len(job.approved_by) >= asked.count:  # whoever was last did not live to do it
                    release(self._parts, job)
                elif from_text(asked.expires) <= now:
                    why = f"not approved within its time by {asked.count} of {asked.group}"
                    self._parts.jobs.finish(job, State.CANCELED, why, only_from=[State.WAITING])

    def _follow_the_content(self) -> None:
        """Sync when the repository has moved on (a plain folder is looked at by who asks)."""
        content = self._parts.settings.content
        known = self._parts.library.synced()
        interval = content.poll if known else TURN
        if not (content.git or content.path) or not interval:
            return
        if time.monotonic() - self._content < interval:
            return
        self._content = time.monotonic()
        if known.startswith(FOLDER) or newest(self._parts.settings) != known:
            if known.startswith(FOLDER):
                self._parts.library.current()
            else:
                self._parts.library.sync()

    def _forget_history(self, open_jobs: list[Job]) -> None:
        if time.monotonic() - self._history < HISTORY:
            return
        self._history = time.monotonic()
        part = self._parts.settings.jobs
        oldest = utc_now() - timedelta(days=part.keep_days)
        gone = self._parts.jobs.forget(oldest, part.keep_count)
        if gone:
            logger.info("history: %d jobs forgotten", gone)
        prune(self._parts.settings, {job.spec.commit for job in open_jobs})
