"""Whatever is done in whatever order: the promises that hold after every step."""

from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bootstrapper.events import JobEnded, Said
from bootstrapper.ids import new_id
from bootstrapper.jobs.job import Job, Options, Priority
from bootstrapper.jobs.states import FINAL, LEGAL, State
from bootstrapper.jobs.store import Jobs, Lines, encode
from bootstrapper.redis_link import Client
from support.redis import RedisServer
from support.specs import QUEUED, a_spec

LOCKS = st.lists(
    st.sampled_from(["host:a", "host:b", "host:c", "env:p", "env:p/s"]),
    max_size=3,
    unique_by=lambda each: each.removesuffix("/s"),
)


class AnyOrder(RuleBasedStateMachine):
    """Workers, people and the keeper, who know jobs as they were some time ago."""

    ids = Bundle("ids")

    redis: ClassVar[Client]

    def __init__(self) -> None:
        super().__init__()
        self.jobs = Jobs(self.redis, f"{new_id()}:")
        self.seen: dict[str, list[Job]] = {}

    @rule(
        target=ids, locks=LOCKS, batch=st.sampled_from(["", "same"]), waits=st.booleans(),
        priority=st.sampled_from(Priority),
    )  # fmt: skip
    def submit(self, locks: list[str], batch: str, waits: bool, priority: Priority) -> str:
        spec = a_spec(*locks, batch=batch, hosts=("h",), options=Options(priority=priority))
        state = State.WAITING if waits else State.PENDING
        waits_for = "approval" if waits else ""
        self.jobs.submit(spec, [QUEUED], state=state, waits_for=waits_for)
        self.seen[spec.id] = [self.jobs.get(spec.id)]
        return spec.id

    @rule(job_id=ids, most=st.integers(1, 3))
    def claim(self, job_id: str, most: int) -> None:
        self.jobs.claim(job_id, "w", new_id(), most)

    @rule(job_id=ids, data=st.data(), state=st.sampled_from(sorted(FINAL)))
    def finish(self, job_id: str, data: Any, state: State) -> None:
        self.jobs.finish(self.remembered(job_id, data), state, "why")

    @rule(job_id=ids, data=st.data())
    def repeat(self, job_id: str, data: Any) -> None:
        self.jobs.repeat(self.remembered(job_id, data), "why")

    @rule(job_id=ids, attempt=st.integers(0, 3), first=st.integers(1, 4), count=st.integers(1, 3))
    def write(self, job_id: str, attempt: int, first: int, count: int) -> None:
        texts = [encode(Said(text="line"))] * count
        self.jobs.write([Lines(job_id, "2026-01-01T00:00:00.000Z", texts, "pen", first, attempt)])

    @rule(job_id=ids, state=st.sampled_from([None, State.WAITING, State.PENDING]))
    def append(self, job_id: str, state: State | None) -> None:
        self.jobs.append(job_id, [Said(text="by somebody else")], state=state)

    @rule(job_id=ids)
    def make_ready(self, job_id: str) -> None:
        self.jobs.make_ready(job_id)

    @rule(job_id=ids, data=st.data())
    def ask_to_cancel(self, job_id: str, data: Any) -> None:
        self.jobs.ask_to_cancel(self.remembered(job_id, data), "user:ada")

    def remembered(self, job_id: str, data: Any) -> Job:
        job: Job = data.draw(st.sampled_from(self.seen[job_id]))
        return job

    @invariant()
    def every_promise_holds(self) -> None:
        now = {job.id: job for job in self.jobs.many(self.seen)}
        assert now.keys() == self.seen.keys()
        for job_id, job in now.items():
            self.moved_on_legally(self.seen[job_id][-1], job)
            self.journal_is_whole(job)
            if job != self.seen[job_id][-1]:
                self.seen[job_id].append(job)
        self.nobody_shares_what_is_not_shared(list(now.values()))
        assert set(self.jobs.open_ids()) == {each.id for each in now.values() if not each.final}

    def moved_on_legally(self, before: Job, after: Job) -> None:
        if before.final:
            assert after == before
        assert after.state == before.state or after.state in LEGAL[before.state]
        assert after.attempt >= before.attempt

    def journal_is_whole(self, job: Job) -> None:
        entries = self.jobs.journal(job.id)
        assert [entry.seq for entry in entries] == list(range(1, job.seq + 1))
        ends = [entry for entry in entries if isinstance(entry.event, JobEnded)]
        assert ends == (entries[-1:] if job.final else [])

    def nobody_shares_what_is_not_shared(self, jobs: list[Job]) -> None:
        held: dict[str, list[str]] = {}
        for job in jobs:
            if job.state is State.RUNNING:
                for lock in job.spec.locks:
                    held.setdefault(lock.resource, []).append(lock.mode)
        for modes in held.values():
            assert len(modes) == 1 or set(modes) == {"s"}


def test_every_promise_holds_in_any_order(redis_server: RedisServer) -> None:
    AnyOrder.redis = redis_server.client()
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=60,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    AnyOrder.redis.close()
