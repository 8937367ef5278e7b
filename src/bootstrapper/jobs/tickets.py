"""Tickets on RQ's queues: each says "there may be work on this job".

A ticket wakes a worker; the job's record decides. So a lost ticket is written again by the
keeper, and a second one for the same job does no harm.
"""

from collections.abc import Iterable

from rq import Queue
from rq.job import Job as Ticket

from bootstrapper.jobs.job import Priority
from bootstrapper.redis_link import Client, translated

NEVER = -1  # RQ's timeout: the slot keeps the time itself
RUN = "bootstrapper.jobs.slot.never_run_by_rq"


class Tickets:
    def __init__(self, client: Client, prefix: str) -> None:
        self._redis = client
        name = prefix.rstrip(":")
        self._queues = {
            priority: Queue(f"{name}-{priority}", connection=client, default_timeout=NEVER)
            for priority in Priority
        }

    @property
    def queues(self) -> list[Queue]:
        """In the order in which workers look at them."""
        return list(self._queues.values())

    def put(self, job_id: str, priority: Priority) -> None:
        with translated("queueing a job"):
            self._queues[priority].enqueue_call(
                RUN, job_id=job_id, timeout=NEVER, result_ttl=0, failure_ttl=1
            )

    def put_all(self, jobs: Iterable[tuple[str, Priority]]) -> None:
        for job_id, priority in jobs:
            self.put(job_id, priority)

    def waiting(self) -> set[str]:
        """The ids on all queues."""
        with translated("reading the queues"):
            return {each for queue in self._queues.values() for each in queue.get_job_ids()}

    def depth(self) -> dict[str, int]:
        with translated("reading the queues"):
            return {priority.value: len(queue) for priority, queue in self._queues.items()}


def tear(ticket: Ticket) -> None:
    """It has been looked at; the record knows the rest."""
    with translated("dropping a ticket"):
        ticket.delete(remove_from_queue=False)
