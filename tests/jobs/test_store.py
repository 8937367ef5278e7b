"""What the store promises, on a real Redis."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from bootstrapper.clock import utc_now
from bootstrapper.errors import Conflict, Unknown
from bootstrapper.events import JobApproved, JobEnded, JobStarted, JobWaiting, Said
from bootstrapper.ids import new_id
from bootstrapper.jobs.job import Job, Options, Priority
from bootstrapper.jobs.records import Budget, Idempotency
from bootstrapper.jobs.states import FINAL, State
from bootstrapper.jobs.store import Jobs, Lines, encode
from support.specs import QUEUED, MakeJobs, a_spec, submitted

ONCE = Idempotency(key="ada's key", digest="of one request")


def claim(jobs: Jobs, job_id: str, *, most: int = 100, nonce: str = "") -> tuple[str, ...]:
    return jobs.claim(job_id, "worker-1", nonce or new_id(), most).ids


def finish(jobs: Jobs, job_id: str, state: State = State.SUCCESSFUL) -> list[str]:
    return jobs.finish(jobs.get(job_id), state, "done")


def in_order(count: int) -> list[str]:
    """Ids of one millisecond have no order of their own."""
    return sorted(new_id() for _ in range(count))


# — accept —


def test_an_accepted_job_reads_back_as_it_was_asked_for(jobs: Jobs) -> None:
    spec = a_spec("host:a", "env:prod/s", request={"roles": ["é"], "n": 1}, hosts=("a",))

    assert jobs.submit(spec, [QUEUED]) == ("accepted", spec.id)

    job = jobs.get(spec.id)
    assert (job.spec, job.state, job.attempt, job.seq) == (spec, State.PENDING, 0, 1)
    assert [entry.event for entry in jobs.journal(spec.id)] == [QUEUED]
    assert jobs.open_ids() == [spec.id]


def test_the_same_job_is_accepted_once(jobs: Jobs) -> None:
    spec = a_spec()

    answers = [jobs.submit(spec, [QUEUED])[0] for _ in range(3)]

    assert answers == ["accepted", "same", "same"]
    assert len(jobs.journal(spec.id)) == 1


def test_an_idempotency_key_leads_to_the_first_job(jobs: Jobs) -> None:
    _, first = jobs.submit(a_spec(), [QUEUED], idempotency=ONCE)

    assert jobs.submit(a_spec(), [QUEUED], idempotency=ONCE) == ("same", first)
    assert jobs.known(ONCE) == first
    assert jobs.open_ids() == [first]


def test_an_idempotency_key_of_another_request_is_a_conflict(jobs: Jobs) -> None:
    _, first = jobs.submit(a_spec(), [QUEUED], idempotency=ONCE)
    other = Idempotency(key=ONCE.key, digest="of another request")

    assert jobs.submit(a_spec(), [QUEUED], idempotency=other) == ("conflict", first)
    with pytest.raises(Conflict):
        jobs.known(other)


def test_racing_callers_with_one_key_get_one_job(make_jobs: MakeJobs) -> None:
    stores = [make_jobs() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda s: s.submit(a_spec(), [QUEUED], idempotency=ONCE), stores))

    assert sorted(answer for answer, _ in answers) == ["accepted", *["same"] * 7]
    assert len({job_id for _, job_id in answers}) == 1


def test_racing_callers_never_overspend_a_budget(make_jobs: MakeJobs) -> None:
    budget = Budget(key="rule:ada", cap=5, window=3600.0)
    stores = [make_jobs() for _ in range(12)]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda s: s.submit(a_spec(), [QUEUED], budget=budget), stores))

    said = [answer for answer, _ in answers]
    assert (said.count("accepted"), said.count("spent")) == (5, 7)
    assert stores[0].spent(budget) == len(stores[0].open_ids()) == 5


def test_a_repeated_submit_does_not_spend_twice(jobs: Jobs) -> None:
    budget, spec = Budget(key="rule:ada", cap=5, window=3600.0), a_spec()

    for _ in range(3):
        jobs.submit(spec, [QUEUED], budget=budget)

    assert jobs.spent(budget) == 1


def test_a_budget_is_whole_again_when_its_window_is_over(jobs: Jobs) -> None:
    tiny = Budget(key="rule:ada", cap=1, window=1e-9)

    assert [jobs.submit(a_spec(), [QUEUED], budget=tiny)[0] for _ in range(3)] == ["accepted"] * 3


# — claim —


def test_a_claimed_job_runs_and_says_by_whom(jobs: Jobs) -> None:
    job_id = submitted(jobs)

    assert claim(jobs, job_id) == (job_id,)

    job = jobs.get(job_id)
    assert (job.state, job.worker, job.attempt) == (State.RUNNING, "worker-1", 1)
    assert jobs.journal(job_id)[-1].event == JobStarted(worker="worker-1", attempt=1, batch=1)


def test_one_job_is_claimed_by_one_of_many_workers(make_jobs: MakeJobs) -> None:
    stores = [make_jobs() for _ in range(8)]
    ids = [submitted(stores[0]) for _ in range(20)]
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda store: [claim(store, each) for each in ids], stores))

    assert sorted(each for worker in taken for one in worker for each in one) == sorted(ids)


def test_a_repeated_claim_gets_the_answer_that_was_lost(jobs: Jobs) -> None:
    job_id = submitted(jobs)

    answers = {claim(jobs, job_id, nonce="n") for _ in range(3)}

    assert answers == {(job_id,)}
    assert jobs.get(job_id).attempt == 1
    assert claim(jobs, job_id, nonce="another") == ()


def test_what_is_not_there_or_not_ready_is_not_taken(jobs: Jobs) -> None:
    spec = a_spec()
    jobs.submit(spec, [QUEUED], state=State.WAITING, waits_for="approval")

    assert claim(jobs, new_id()) == ()
    assert claim(jobs, spec.id) == ()
    assert jobs.make_ready(spec.id)
    assert claim(jobs, spec.id) == (spec.id,)


@pytest.mark.parametrize(
    ("first", "second", "runs"),
    [
        pytest.param(["host:a"], ["host:b"], True, id="different hosts"),
        pytest.param(["host:a"], ["host:a"], False, id="one host"),
        pytest.param(["host:a", "host:b"], ["host:b", "host:c"], False, id="one host in common"),
        pytest.param(["env:p/s", "host:a"], ["env:p/s", "host:b"], True, id="both share the env"),
        pytest.param(["env:p/s"], ["env:p"], False, id="one wants the env alone"),
        pytest.param(["env:p"], ["env:p/s"], False, id="one has the env alone"),
        pytest.param(["name:m"], ["name:m"], False, id="one name"),
        pytest.param(["env:p"], ["env:q"], True, id="different envs"),
        pytest.param([], [], True, id="no locks at all"),
    ],
)
def test_two_jobs_at_once(jobs: Jobs, first: list[str], second: list[str], runs: bool) -> None:
    one, two = submitted(jobs, *first), submitted(jobs, *second)
    claim(jobs, one)

    assert claim(jobs, two) == ((two,) if runs else ())


def test_a_job_that_must_wait_says_for_what_and_for_whom(jobs: Jobs) -> None:
    holder, waiter = submitted(jobs, "host:a"), submitted(jobs, "host:a", "host:b")
    claim(jobs, holder)

    taken = jobs.claim(waiter, "worker-2", new_id(), 100)

    job = jobs.get(waiter)
    assert taken.waits_for == job.waits_for == "host:a"
    assert (job.state, job.held_by) == (State.WAITING, holder)
    told = jobs.journal(waiter)[-1].event
    assert told == JobWaiting(f"waits for host:a, held by {holder}", "host:a", holder)


def test_waiting_for_the_same_is_told_once(jobs: Jobs) -> None:
    holder, waiter = submitted(jobs, "host:a"), submitted(jobs, "host:a")
    claim(jobs, holder)

    for _ in range(3):
        claim(jobs, waiter)

    assert len(jobs.journal(waiter)) == 2


def test_who_waits_for_one_lock_holds_none_of_the_others(jobs: Jobs) -> None:
    holder, waiter = submitted(jobs, "host:a"), submitted(jobs, "host:a", "host:b")
    earlier = submitted(jobs, "host:b", options=Options(priority=Priority.HIGH))
    claim(jobs, holder)
    claim(jobs, waiter)

    assert claim(jobs, earlier) == (earlier,)


def test_nobody_overtakes_an_earlier_waiter(jobs: Jobs) -> None:
    """Else a job for many hosts would starve among jobs for one."""
    holder = submitted(jobs, "host:a")
    wide = submitted(jobs, "host:a", "host:b", options=Options(priority=Priority.NORMAL))
    late = submitted(jobs, "host:b", options=Options(priority=Priority.LOW))
    claim(jobs, holder)
    claim(jobs, wide)

    assert claim(jobs, late) == ()
    assert jobs.get(late).held_by == wide

    finish(jobs, holder)
    assert claim(jobs, late) == ()
    assert claim(jobs, wide) == (wide,)


def test_finishing_frees_the_locks_and_names_who_waited_in_their_order(jobs: Jobs) -> None:
    holder = submitted(jobs, "host:a", "host:b")
    waiters = [
        submitted(jobs, "host:a", options=Options(priority=priority))
        for priority in (Priority.LOW, Priority.HIGH, Priority.NORMAL)
    ]
    claim(jobs, holder)
    for each in waiters:
        claim(jobs, each)

    low, high, normal = waiters
    assert finish(jobs, holder) == [high, normal, low]
    assert claim(jobs, high) == (high,)


def test_canceling_a_waiter_lets_those_behind_it_go(jobs: Jobs) -> None:
    holder = submitted(jobs, "host:a")
    wide = submitted(jobs, "host:a", "host:b", options=Options(priority=Priority.HIGH))
    late = submitted(jobs, "host:b")
    for each in (holder, wide, late):
        claim(jobs, each)

    assert late in finish(jobs, wide, State.CANCELED)
    assert claim(jobs, late) == (late,)


# — batches —


def test_jobs_of_one_batch_are_taken_together_up_to_the_limit(jobs: Jobs) -> None:
    ids = [submitted(jobs, f"host:{n}", hosts=(str(n),), batch="same") for n in range(5)]

    taken = claim(jobs, ids[2], most=3)

    assert taken[0] == ids[2]
    assert len(set(taken)) == len(taken) == 3
    assert {jobs.get(each).state for each in taken} == {State.RUNNING}
    started = [jobs.journal(each)[-1].event for each in taken]
    assert started == [JobStarted(worker="worker-1", attempt=1, batch=3)] * 3


def test_the_limit_counts_hosts(jobs: Jobs) -> None:
    wide = submitted(jobs, hosts=("a", "b", "c"), batch="same")
    submitted(jobs, hosts=("d", "e"), batch="same")
    small = submitted(jobs, hosts=("f",), batch="same")

    assert set(claim(jobs, wide, most=4)) == {wide, small}


def test_a_batch_takes_nobody_whose_host_is_locked_or_whose_key_is_another(jobs: Jobs) -> None:
    holder = submitted(jobs, "host:b")
    claim(jobs, holder)
    first = submitted(jobs, "host:a", hosts=("a",), batch="same")
    submitted(jobs, "host:b", hosts=("b",), batch="same")
    submitted(jobs, "host:c", hosts=("c",), batch="other")
    submitted(jobs, "host:d", hosts=("d",))
    twin = submitted(jobs, "host:e", hosts=("e",), batch="same")
    rival = submitted(jobs, "host:a", hosts=("a",), batch="same")

    assert claim(jobs, first) == (first, twin)
    assert jobs.get(rival).state is State.PENDING


def test_a_job_that_is_repeated_may_share_a_play_again(jobs: Jobs) -> None:
    one, two = (submitted(jobs, f"host:{n}", hosts=(n,), batch="same") for n in "ab")
    claim(jobs, one)

    for each in (one, two):
        jobs.repeat(jobs.get(each), "a neighbour was canceled")

    assert set(claim(jobs, two)) == {one, two}
    assert jobs.get(one).attempt == 2


# — write —


def test_a_writers_repeated_lines_are_written_once(jobs: Jobs) -> None:
    job_id = submitted(jobs)
    claim(jobs, job_id)
    texts = [encode(Said(text=str(n))) for n in range(4)]

    def lines(first: int, count: int) -> Lines:
        said = texts[first - 1 : first - 1 + count]
        return Lines(job_id, "2026-01-01T00:00:00.000Z", said, "pen", first, 1)

    for first, count in ((1, 2), (1, 2), (2, 3), (1, 4)):
        assert jobs.write([lines(first, count)]) == ["written"]

    said = [e.event.text for e in jobs.journal(job_id) if isinstance(e.event, Said)]
    assert said == ["0", "1", "2", "3"]


def test_a_worker_that_lost_its_job_can_neither_write_nor_end_it(jobs: Jobs) -> None:
    job_id = submitted(jobs)
    claim(jobs, job_id)
    before = jobs.get(job_id)
    jobs.repeat(before, "its worker gave no sign of life")
    claim(jobs, job_id)
    seq = jobs.get(job_id).seq

    line = Lines(job_id, "2026-01-01T00:00:00.000Z", [encode(Said(text="late"))], "pen", 1, 1)
    assert jobs.write([line]) == ["not running"]
    assert jobs.finish(before, State.SUCCESSFUL, "late") == []
    assert (jobs.get(job_id).state, jobs.get(job_id).seq) == (State.RUNNING, seq)


@pytest.mark.parametrize("final", sorted(FINAL))
def test_a_final_state_is_final(jobs: Jobs, final: State) -> None:
    job_id = submitted(jobs)
    claim(jobs, job_id)
    finish(jobs, job_id, final)
    ended = jobs.get(job_id)

    for other in FINAL:
        jobs.finish(ended, other, "again")
    jobs.repeat(ended, "again")
    jobs.append(job_id, [], state=State.PENDING)
    jobs.append(job_id, [Said(text="late")])
    assert not jobs.make_ready(job_id)
    assert not jobs.ask_to_cancel(ended, "user:ada")
    assert claim(jobs, job_id) == ()

    assert jobs.get(job_id) == ended
    assert jobs.journal(job_id)[-1].event == JobEnded(state=final, reason="done")


def test_a_job_that_never_ran_cannot_be_successful(jobs: Jobs) -> None:
    job_id = submitted(jobs)

    assert finish(jobs, job_id, State.SUCCESSFUL) == []
    assert jobs.get(job_id).state is State.PENDING


# — people —


def test_approvals_count_each_person_once(jobs: Jobs) -> None:
    spec = a_spec()
    jobs.submit(spec, [QUEUED], state=State.WAITING, waits_for="approval")
    job = jobs.get(spec.id)

    assert jobs.approve(job, "user:bob", 2) == ("user:bob",)
    with pytest.raises(Conflict, match="approved already"):
        jobs.approve(job, "user:bob", 2)
    assert jobs.approve(job, "user:eve", 2) == ("user:bob", "user:eve")
    assert jobs.get(spec.id).approved_by == ("user:bob", "user:eve")


def test_approvals_that_come_at_once_are_all_counted(make_jobs: MakeJobs) -> None:
    one, two = make_jobs(), make_jobs()
    together = Barrier(2)

    def approve(jobs: Jobs, job: Job, by: str) -> int:
        together.wait()
        return len(jobs.approve(job, by, 2))

    with ThreadPoolExecutor(2) as pool:
        for _ in range(50):
            spec = a_spec()
            one.submit(spec, [QUEUED], state=State.WAITING, waits_for="approval")
            job = one.get(spec.id)
            pair = ((one, "user:bob"), (two, "user:eve"))
            counts = [pool.submit(approve, jobs, job, by) for jobs, by in pair]

            assert sorted(each.result() for each in counts) == [1, 2]
            assert one.get(spec.id).approved_by == ("user:bob", "user:eve")
            told = [e.event for e in one.journal(spec.id) if isinstance(e.event, JobApproved)]
            assert [event.missing for event in told] == [1, 0]


def test_a_job_that_was_let_go_is_not_approved(jobs: Jobs) -> None:
    spec = a_spec()
    jobs.submit(spec, [QUEUED], state=State.WAITING, waits_for="approval")
    job = jobs.get(spec.id)
    jobs.make_ready(spec.id)

    with pytest.raises(Conflict, match="any more: it is pending"):
        jobs.approve(job, "user:bob", 1)


def test_a_cancel_is_seen_by_the_worker_of_a_running_job(jobs: Jobs) -> None:
    one, two = submitted(jobs), submitted(jobs)
    claim(jobs, one)

    assert jobs.ask_to_cancel(jobs.get(one), "user:ada")
    assert not jobs.ask_to_cancel(jobs.get(two), "user:ada")
    assert jobs.cancel_asked([one, two]) == {one: "user:ada"}


# — find and forget —


def test_a_job_is_found_by_what_is_just_one_id(jobs: Jobs) -> None:
    ids = [submitted(jobs, id=each) for each in in_order(3)]

    assert jobs.find("last") == ids[2]
    assert jobs.find(ids[0][-12:]) == ids[0]
    assert jobs.find(ids[1]) == ids[1]
    for word in ("", "zzzzzzz", ids[0][:8], "*" * 10):
        with pytest.raises(Unknown):
            jobs.find(word)


def test_newest_comes_first_and_pages_go_on(jobs: Jobs) -> None:
    ids = [submitted(jobs, id=each) for each in in_order(5)]

    assert jobs.newest(count=2) == [ids[4], ids[3]]
    assert jobs.newest(before_id=ids[3], count=2) == [ids[2], ids[1]]


def test_only_the_oldest_ended_jobs_are_forgotten(jobs: Jobs) -> None:
    running, *ended = [submitted(jobs, id=each) for each in in_order(4)]
    for each in (running, *ended):
        claim(jobs, each)
    started = utc_now()
    for each in ended:
        finish(jobs, each)

    assert jobs.forget(started, most=2) == 1
    assert jobs.newest() == [ended[2], ended[1], running]
    with pytest.raises(Unknown):
        jobs.get(ended[0])
    assert jobs.journal(ended[0]) == []
