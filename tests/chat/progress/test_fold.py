from collections.abc import Sequence

import pytest

from bootstrapper.chat.progress.asked import words_of
from bootstrapper.chat.progress.bar import bar
from bootstrapper.chat.progress.fold import KEPT, SHORT, fold, fold_all
from bootstrapper.chat.progress.progress import Progress
from bootstrapper.events import (
    AnyEvent,
    CancelAsked,
    Entry,
    HostResult,
    HostStatus,
    JobApproved,
    JobEnded,
    JobQueued,
    JobRejected,
    JobRepeated,
    JobStarted,
    JobWaiting,
    PlayStarted,
    Recap,
    Said,
    TaskStarted,
)
from bootstrapper.jobs.states import State

QUEUED = JobQueued("user:ann", "slack", "staging")
STARTED = JobStarted("w1", 1)
PLAY = PlayStarted("site", hosts=2, tasks=4)


def folded(*events: AnyEvent) -> Progress:
    return fold_all(Progress(), entries(events))


def entries(events: Sequence[AnyEvent]) -> list[Entry]:
    return [
        Entry(seq=number, at=f"2026-01-02T03:04:{number % 60:02}.000Z", event=event)
        for number, event in enumerate(events, 1)
    ]


def result(host: str, status: HostStatus, task: str = "t", **more: str) -> HostResult:
    return HostResult(host=host, task=task, status=status, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("events", "state", "reason", "waits_for"),
    [
        ([QUEUED], State.PENDING, "", ""),
        (
            [QUEUED, JobWaiting("needs 2 approvals of ops", "approval", "ops")],
            State.WAITING,
            "needs 2 approvals of ops",
            "approval",
        ),
        ([QUEUED, JobWaiting("waits", "host:10.0.0.1", "j2"), STARTED], State.RUNNING, "", ""),
        ([QUEUED, STARTED, JobRepeated("worker died", 1)], State.PENDING, "worker died", ""),
        ([QUEUED, STARTED, JobEnded(State.LOST, "worker died")], State.LOST, "worker died", ""),
    ],
)
def test_the_state_is_as_the_last_word_of_the_journal(
    events: list[AnyEvent], state: State, reason: str, waits_for: str
) -> None:
    progress = folded(*events)

    assert (progress.state, progress.reason, progress.waits_for) == (state, reason, waits_for)
    assert progress.seq == len(events)


def test_an_entry_that_is_read_again_changes_nothing() -> None:
    journal = entries([QUEUED, STARTED, PLAY, TaskStarted("t"), result("a", "failed")])
    once = fold_all(Progress(), journal)

    assert fold_all(once, journal) == once


def test_read_in_any_pages_a_journal_says_the_same() -> None:
    journal = entries([QUEUED, STARTED, PLAY, TaskStarted("t"), result("a", "ok"), Said("x")])
    whole = fold_all(Progress(), journal)

    for cut in range(len(journal)):
        assert fold_all(fold_all(Progress(), journal[:cut]), journal[cut:]) == whole


def test_who_approved_counts_until_approvals_are_asked_for_anew() -> None:
    asked = JobWaiting("needs 2", "approval", "ops")
    half = folded(QUEUED, asked, JobApproved("user:bob", 1))
    anew = folded(QUEUED, asked, JobApproved("user:bob", 1), asked)

    assert (half.approved_by, half.missing, half.state) == (("user:bob",), 1, State.WAITING)
    assert (anew.approved_by, half.asked, anew.asked) == ((), 2, 4)


def test_the_last_approval_lets_it_go() -> None:
    progress = folded(QUEUED, JobWaiting("needs 1", "approval", "ops"), JobApproved("user:bob", 0))

    assert progress.state is State.PENDING
    assert not progress.for_approval


@pytest.mark.parametrize("event", [JobRejected("user:bob", "no"), CancelAsked("user:bob")])
def test_who_ended_it_is_known(event: AnyEvent) -> None:
    assert folded(QUEUED, event).cancel_by == "user:bob"


def test_a_host_is_as_bad_as_its_worst_answer() -> None:
    progress = folded(
        QUEUED, STARTED, PLAY, TaskStarted("t"),
        result("a", "ok"), result("a", "changed"), result("a", "skipped"),
        result("b", "failed"), result("c", "ignored"), result("d", "retry"),
    )  # fmt: skip

    assert progress.hosts == {"a": "changed", "b": "failed", "c": "ok"}


def test_the_first_failures_are_kept_and_all_are_counted() -> None:
    many = [result(f"h{n}", "failed", message="m" * 1000) for n in range(KEPT + 5)]
    progress = folded(QUEUED, STARTED, *many)

    assert [each.host for each in progress.failures] == [f"h{n}" for n in range(KEPT)]
    assert progress.failed == KEPT + 5
    assert {len(each.message) for each in progress.failures} == {SHORT}


def test_a_failed_item_speaks_for_its_task() -> None:
    progress = folded(
        QUEUED, STARTED, TaskStarted("t"),
        result("a", "failed", item="x", message="no such package"),
        result("a", "failed", message="One or more items failed"),
    )  # fmt: skip

    assert [(each.item, each.message) for each in progress.failures] == [("x", "no such package")]
    assert progress.failed == 1


def test_a_failed_item_of_a_task_whose_errors_are_ignored_is_no_failure() -> None:
    progress = folded(
        QUEUED, STARTED, result("a", "failed", item="x"), result("a", "ignored"),
    )  # fmt: skip

    assert (progress.failures, progress.failed, progress.pending) == ((), 0, ())


def test_a_failure_that_was_rescued_is_none_in_the_end() -> None:
    progress = folded(
        QUEUED, STARTED, result("a", "failed"), result("b", "failed"),
        Recap({"a": {"ok": 3, "rescued": 1}, "b": {"failures": 1}}),
    )  # fmt: skip

    assert [each.host for each in progress.failures] == ["b"]
    assert progress.failed == 1
    assert progress.hosts == {"a": "ok", "b": "failed"}


def test_a_run_that_begins_again_forgets_the_last_one() -> None:
    progress = folded(
        QUEUED, STARTED, PLAY, TaskStarted("t"), result("a", "failed"),
        JobRepeated("again", 1), JobStarted("w2", 2),
    )  # fmt: skip

    assert (progress.failed, progress.hosts, progress.play.number) == (0, {}, 0)
    assert progress.attempt == 2


@pytest.mark.parametrize(
    ("events", "drawn"),
    [
        ([], ""),
        ([PlayStarted("p"), TaskStarted("a"), TaskStarted("b")], "tasks 2 · hosts 0/5"),
        (
            [PLAY, TaskStarted("a"), TaskStarted("b"), result("x", "ok")],
            "███████░░░░░░░░░░░░░ tasks 2/4 · hosts 1/2",
        ),
        (
            [PLAY, *[TaskStarted("a")] * 6],
            "████████████████░░░░ tasks 6/6 · hosts 0/2",
        ),
        (
            [PLAY, TaskStarted("a"), TaskStarted("h", handler=True)],
            "░░░░░░░░░░░░░░░░░░░░ tasks 1/4 · hosts 0/2",
        ),
        ([PLAY, PlayStarted("second")], "play 2 · hosts 0/5"),
    ],
)
def test_the_bar_shows_what_is_known(events: list[AnyEvent], drawn: str) -> None:
    assert bar(folded(QUEUED, STARTED, *events), targets=5) == drawn


def test_a_warning_is_remembered_and_a_line_is_not() -> None:
    assert folded(QUEUED, Said("odd", "warning"), Said("line")).said == "odd"


def test_one_entry_at_a_time_is_the_same_as_all() -> None:
    journal = entries([QUEUED, STARTED, PLAY])
    progress = Progress()
    for entry in journal:
        progress = fold(progress, entry)

    assert progress == fold_all(Progress(), journal)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"tags": ["api", "web"], "env": "staging", "check": True}, "tags=api,web check"),
        ({"hosts": ["a"], "module": "ping", "args": "", "forks": 0}, "module=ping"),
        ({"extra_vars": {"port": 1, "version": "2"}}, "extra_vars=port,version"),
        ({"args": "login hunter22", "options": {"password": "hunter22"}},
         "args=login ******** options=password"),
    ],
)  # fmt: skip
def test_a_request_is_told_in_words_without_its_secrets(
    request_: dict[str, object], words: str
) -> None:
    assert words_of(request_) == words
