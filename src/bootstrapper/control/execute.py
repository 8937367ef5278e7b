"""A job's own process: what a worker's fork does, from the record to the final state.

Nothing here returns to the worker's code: the fork ends with the job.
"""

import logging
import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

from bootstrapper.actions.action import Action
from bootstrapper.actions.registry import parse
from bootstrapper.control.cancel import wake
from bootstrapper.control.parts import Parts
from bootstrapper.errors import Error
from bootstrapper.events import Counts, Event, HostResult, Recap, Said
from bootstrapper.jobs.job import Job
from bootstrapper.jobs.journal import Pen
from bootstrapper.jobs.states import State
from bootstrapper.playbooks.catalogue import Catalogue
from bootstrapper.playbooks.content import check_out
from bootstrapper.playbooks.work import Outcome, Work, outcome_of
from bootstrapper.settings import Settings

logger = logging.getLogger(__name__)

NAMED = 20  # artifacts that were not kept, each by its name


class JobRun:
    """The `Run` that actions get: one job, or several that share a play."""

    def __init__(self, parts: Parts, jobs: Sequence[Job], workspace: Path, pen: Pen) -> None:
        self._parts = parts
        self._pen = pen
        self._owners: dict[str, tuple[str, ...]] = {}
        for job in jobs:
            for host in job.spec.hosts:
                self._owners[host] = (*self._owners.get(host, ()), job.id)
        self.jobs = jobs
        self.workspace = workspace

    @property
    def settings(self) -> Settings:
        return self._parts.settings

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(self._owners)

    def emit(self, event: Event) -> None:
        self._pen.emit(event)

    def play(self, work: Work) -> Outcome:
        from bootstrapper.playbooks.run import book_of, run  # noqa: PLC0415 (Ansible, for plays alone)

        catalogue = self._parts.library.at(self.jobs[0].spec.commit)
        checkout = check_out(self.settings, catalogue.commit)
        work = book_of(work, catalogue)
        return run(work, self.settings, checkout, catalogue, self.workspace, self._emit_about)

    def sync(self, ref: str) -> Outcome:
        catalogue: Catalogue = self._parts.library.sync(ref, self._tell)
        for text in catalogue.notes:
            self.emit(Said(text=text, level="warning"))
        return Outcome(State.SUCCESSFUL, f"content at {catalogue.commit}")

    def _tell(self, text: str) -> None:
        self.emit(Said(text=text))

    def _emit_about(self, event: Event, host: str) -> None:
        """A result goes to the jobs that own its host; everything else to all."""
        owners = self._owners.get(host) if isinstance(event, HostResult) else None
        self._pen.emit(event, owners)


def execute(parts: Parts, jobs: Sequence[Job], workspace: Path) -> None:
    """Run the jobs to their end and write it down. `jobs` share one play when there are several."""
    pen = Pen(parts.jobs, jobs, _give_up)
    run = JobRun(parts, jobs, workspace, pen)
    outcome = _outcome(parse(jobs[0].spec.action, jobs[0].spec.request), run)
    for job in jobs:
        left_out = parts.artifacts.keep(job.id, workspace / "artifacts")
        for text in _told(left_out):
            pen.emit(Said(text=text, level="warning"), [job.id])
    pen.close()
    for job in jobs:
        _finish(parts, job, outcome, shared=len(jobs) > 1)
    shutil.rmtree(workspace, ignore_errors=True)


def _told(left_out: Sequence[str]) -> list[str]:
    texts = [f"artifact {name} is too large to keep" for name in left_out[:NAMED]]
    if len(left_out) > NAMED:
        texts.append(f"{len(left_out) - NAMED} more artifacts are not kept")
    return texts


def _outcome(action: Action, run: JobRun) -> Outcome:
    try:
        run.workspace.mkdir(parents=True, mode=0o700)
        return action.run(run)
    except Error as error:
        run.emit(Said(text=str(error), level="error"))
        return Outcome(State.ERROR, str(error))
    except Exception as error:  # the outermost edge of a job: an action is anybody's code
        logger.exception("action %s broke", action.NAME)
        text = f"{type(error).__name__}: {error}"
        run.emit(Said(text=text, level="error"))
        return Outcome(State.ERROR, f"the action broke: {text}")


def _finish(parts: Parts, job: Job, outcome: Outcome, *, shared: bool) -> None:
    """Each job by its own hosts: a neighbour's failure is not its own."""
    if shared and outcome.state in (State.SUCCESSFUL, State.FAILED):
        outcome = outcome_of(outcome.stats, job.spec.hosts)
    own: dict[str, Counts] = {
        host: counts
        for host, counts in outcome.stats.items()
        if not shared or host in job.spec.hosts
    }
    events = [Recap(own)] if own else []
    if outcome.state is not State.SUCCESSFUL and job.attempt <= job.spec.options.retries:
        again = f"{outcome.reason}; try {job.attempt + 1} of {job.spec.options.retries + 1}"
        wake(parts, [*parts.jobs.repeat(job, again, events=events), job.id])
        return
    wake(parts, parts.jobs.finish(job, outcome.state, outcome.reason, events=events, stats=own))


def _give_up(why: str) -> None:
    """The jobs are somebody else's by now (or Redis is gone): stop the play at once."""
    logger.error("the run is given up: %s", why)
    os.kill(os.getpid(), signal.SIGTERM)
