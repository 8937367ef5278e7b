"""The jobs that are told about: what they were asked, and their journals read on and folded."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from bootstrapper.actions.registry import action
from bootstrapper.chat.cards.card import Followed
from bootstrapper.chat.progress.asked import Asked, asked_of
from bootstrapper.chat.progress.fold import fold_all
from bootstrapper.chat.progress.progress import Progress
from bootstrapper.errors import Mistake
from bootstrapper.jobs.job import Job
from bootstrapper.jobs.store import Jobs

TOGETHER = 20  # journals read in one round trip
PAGE = 25  # entries of each: outputs may be long, and must not fill the memory
RECORDS = 200


class Watched:
    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._asked: dict[str, Asked] = {}
        self._progress: dict[str, Progress] = {}

    @property
    def progress(self) -> Mapping[str, Progress]:
        return self._progress

    @property
    def asked(self) -> Mapping[str, Asked]:
        return self._asked

    def add(self, followed: Iterable[Followed]) -> list[str]:
        """Answers those that are no jobs (any more)."""
        by = {each.job: each.by for each in followed if each.job not in self._asked}
        self._look(by)
        self.read([job for job in by if job in self._asked])
        return [job for job in by if job not in self._asked]

    def read(self, ids: Iterable[str]) -> list[str]:
        """Their journals, to the end; answers those in which there was something new."""
        changed: list[str] = []
        anew: list[str] = []
        for together in _parts(list(ids), TOGETHER):
            before = {job: self._progress[job] for job in together if job in self._progress}
            self._read(list(before))
            changed += [job for job, was in before.items() if self._progress[job].seq != was.seq]
            anew += [job for job, was in before.items() if self._progress[job].asked != was.asked]
        self._look({job: self._asked[job].by for job in anew})
        return changed

    def forget(self, ids: Iterable[str]) -> None:
        for job in ids:
            self._asked.pop(job, None)
            self._progress.pop(job, None)

    def _read(self, ids: Sequence[str]) -> None:
        while ids:
            pages = self._jobs.journals({job: self._progress[job].seq for job in ids}, PAGE)
            for job, entries in pages.items():
                self._progress[job] = fold_all(self._progress[job], entries)
            ids = [job for job, entries in pages.items() if len(entries) == PAGE]

    def _look(self, by: Mapping[str, str]) -> None:
        """A record says what no entry of its journal does; a plan may change."""
        for some in _parts(list(by), RECORDS):
            for job in self._jobs.many(some):
                self._asked[job.id] = asked_of(job, _fields(job), by[job.id])
                self._progress.setdefault(job.id, Progress())


def _parts(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def _fields(job: Job) -> Collection[str]:
    try:
        return action(job.spec.action).__struct_fields__
    except Mistake:  # a plugin that is not installed any more
        return ()
