"""One slot of a worker: an RQ worker that runs one job (or one batch of them) at a time.

RQ brings the tickets and knows the workers; what a ticket means, our record decides: claim the
job with its locks, fork, show signs of life, stop it when asked to, and tell how a fork ended
that could not tell itself. The slot's process starts no thread, so that its forks are safe.
"""

import logging
import os
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rq import Queue, Worker
from rq.exceptions import StopRequested
from rq.job import Job as Ticket

from bootstrapper.errors import Error, Unavailable
from bootstrapper.ids import new_id
from bootstrapper.jobs.endings import Stopped, lose
from bootstrapper.jobs.job import Job
from bootstrapper.jobs.process_tree import MARK, die_with_parent, end_run, wait_for_end
from bootstrapper.jobs.signs import Signs
from bootstrapper.jobs.states import State
from bootstrapper.jobs.store import Jobs
from bootstrapper.jobs.tickets import Tickets, tear
from bootstrapper.redis_link import translated
from bootstrapper.settings import Settings

logger = logging.getLogger(__name__)

LOOK = 0.25  # seconds between looks at a running job: cancels, time, its end
BEAT = 1.5  # seconds between signs of life
PATIENCE = 0.8  # seconds from SIGTERM to SIGKILL
RQ_TTL = 30  # seconds: how long RQ waits for a ticket on one connection, less 15
RQ_BEAT = 20.0  # seconds; RQ forgets a worker 60 s after its TTL

Execute = Callable[[Sequence[Job], Path], None]
"""Runs in the fork, to the jobs' final states; makes the workspace, and leaves it to the slot."""
LetIn = Callable[[str], bool]
"""Whether the job of this id may be taken, as of now; if not, its record knows why."""


def sockets_of(settings: Settings) -> Path:
    """Where this slot's shared SSH connections are: one run at a time uses them."""
    return settings.state_dir / "cp" / str(os.getpid())


def never_run_by_rq() -> None:
    """What tickets name: RQ's own worker must not run them."""
    raise RuntimeError("tickets are for `bootstrapper work`, not for `rq worker`")


class Slot(Worker):  # type: ignore[misc]
    def __init__(
        self,
        settings: Settings,
        connection: Any,
        jobs: Jobs,
        signs: Signs,
        tickets: Tickets,
        name: str,
        execute: Execute,
        let_in: LetIn,
    ) -> None:
        super().__init__(tickets.queues, name=name, connection=connection, worker_ttl=RQ_TTL)
        self._settings = settings
        self._jobs = jobs
        self._signs = signs
        self._tickets = tickets
        self._execute = execute
        self._let_in = let_in
        self._end_by: float | None = None
        self._busy = False
        self.log_job_description = False

    def register_birth(self) -> None:
        """RQ's hook: a slot that was killed leaves its name behind, and nobody but the slot that
        takes its place has the same one."""
        self.connection.delete(self.key)
        super().register_birth()

    def subscribe(self) -> None:
        """RQ's commands would need a thread in the process that forks; cancels come by record."""

    def unsubscribe(self) -> None:
        pass

    def request_stop(self, signum: int, frame: Any) -> None:
        """Finish what runs, take nothing new; what still runs after the grace is stopped."""
        self._end_by = time.monotonic() + self._settings.jobs.grace
        super().request_stop(signum, frame)

    def _shutdown(self) -> None:
        """RQ's hook: it takes a slot for idle, because it is not RQ that runs our jobs."""
        self._stop_requested = True
        if not self._busy:
            raise StopRequested

    def request_force_stop(self, signum: int, frame: Any) -> None:
        self._end_by = time.monotonic()

    def execute_job(self, job: Ticket, queue: Queue) -> None:
        """RQ's hook: a ticket has come."""
        self._busy = True
        try:
            self._look_at(job)
        finally:
            self._busy = False

    def _look_at(self, ticket: Ticket) -> None:
        tear(ticket)
        try:
            if not self._let_in(ticket.id):
                return
        except Error as error:  # the keeper writes another ticket
            logger.warning("job %s does not start yet: %s", ticket.id, error)
            return
        most = self._settings.jobs.batch_hosts
        taken = self._jobs.claim(ticket.id, self.name, new_id(), most)
        if taken.ids:
            run = list(self._jobs.many(taken.ids))
            self._run(run)

    def _run(self, run: Sequence[Job]) -> None:
        number = f"{self.name}/{new_id()}"
        workspace = self._settings.state_dir / "workspaces" / number.replace("/", "-")
        pid = os.fork()
        if pid == 0:
            self._be_the_run(run, number, workspace)
        pidfd = os.pidfd_open(pid)
        try:
            verdict = self._watch(run, pid, pidfd, number)
        finally:
            os.close(pidfd)
        _, status = os.waitpid(pid, 0)
        self._tell_the_end(run, verdict, status)
        shutil.rmtree(workspace, ignore_errors=True)

    def _be_the_run(self, run: Sequence[Job], number: str, workspace: Path) -> None:
        code = 1
        try:
            die_with_parent()
            os.register_at_fork(after_in_child=die_with_parent)
            for each in (signal.SIGINT, signal.SIGTERM):
                signal.signal(each, signal.SIG_DFL)
            os.setpgrp()
            os.environ[MARK] = number
            self._execute(run, workspace)
            code = 0
        except Unavailable as error:
            logger.error("the run ends without its final state: %s", error)
        except BaseException:  # the fork's outermost edge: nothing may return into the worker
            logger.exception("the run broke")
        finally:
            os._exit(code)

    def _watch(self, run: Sequence[Job], pid: int, pidfd: int, number: str) -> Stopped | None:
        """Until the fork ends: by itself (None), or stopped by us, and then why."""
        limit = run[0].spec.options.timeout or self._settings.jobs.timeout
        deadline = time.monotonic() + limit
        beat = rq_beat = 0.0
        while not wait_for_end(pidfd, LOOK):
            now = time.monotonic()
            stopped: Stopped | None = None
            try:
                if now - beat > BEAT:
                    self._signs.beat([job.id for job in run])
                    beat = now
                if now - rq_beat > RQ_BEAT:
                    with translated("telling RQ"):
                        self.heartbeat()
                    rq_beat = now
                if asked := self._jobs.cancel_asked([job.id for job in run]):
                    stopped = Stopped(State.CANCELED, canceled=asked)
            except Unavailable as error:
                logger.warning("the worker waits: %s", error)
            if now > deadline:
                stopped = Stopped(State.ERROR, f"timed out after {limit:g} s")
            elif self._end_by is not None and now > self._end_by:
                stopped = Stopped(State.LOST, "its worker was stopped")
            if stopped:
                end_run(pid, pidfd, number, sockets_of(self._settings), patience=PATIENCE)
                return stopped
        return None

    def _tell_the_end(self, run: Sequence[Job], stopped: Stopped | None, status: int) -> None:
        """For jobs whose fork did not write its own end; nothing happens to those that did."""
        if stopped is None and status == 0:
            return
        for job in run:
            self._until_redis_answers(partial(self._end, job, stopped, status))

    def _end(self, job: Job, stopped: Stopped | None, status: int) -> None:
        if stopped is None:
            code = os.waitstatus_to_exitcode(status)
            how = f"signal {-code}" if code < 0 else f"exit {code}"
            self._lose(job, f"its process ended by {how}")
        elif stopped.canceled and job.id in stopped.canceled:
            by = stopped.canceled[job.id]
            self._wake(self._jobs.finish(job, State.CANCELED, f"canceled by {by}"))
        elif stopped.canceled:
            self._wake(self._jobs.repeat(job, "a job that shared its play was canceled"))
            self._wake([job.id])
        elif stopped.state is State.LOST:
            self._lose(job, stopped.reason)
        else:
            self._wake(self._jobs.finish(job, stopped.state, stopped.reason))

    def _lose(self, job: Job, why: str) -> None:
        self._wake(lose(self._jobs, job, why))

    def _wake(self, ids: Sequence[str]) -> None:
        for job in self._jobs.many(ids):
            self._tickets.put(job.id, job.spec.options.priority)

    def _until_redis_answers(self, step: Callable[[], None]) -> None:
        """A job's end must not be forgotten because Redis is away; the keeper knows it else."""
        give_up = time.monotonic() + self._settings.jobs.lost_after
        while True:
            try:
                return step()
            except Unavailable:
                if time.monotonic() > give_up:
                    raise
                time.sleep(LOOK)
