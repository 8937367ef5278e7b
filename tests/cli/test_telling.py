from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from bootstrapper.cli.output import painted
from bootstrapper.cli.telling.jobs import exit_code, tell_jobs, tell_state
from bootstrapper.cli.telling.lines import Line, Tone, clean
from bootstrapper.cli.telling.story import Detail, Story, tell
from bootstrapper.cli.telling.times import duration
from bootstrapper.client.views import Job, JobApprovals
from bootstrapper.events import (
    AnyEvent,
    Entry,
    HostResult,
    JobEnded,
    JobQueued,
    JobStarted,
    JobWaiting,
    PlayStarted,
    Recap,
    Said,
    TaskStarted,
)
from bootstrapper.jobs.states import State
from cli.scripted_api import JOB, JOB_ID

ALICES = msgspec.convert(JOB, Job)
INSTALL = TaskStarted(task="install", action="apt", role="nginx")
TASK = "nginx : install"


def told(*events: AnyEvent, job: Job = ALICES, detail: Detail = "all") -> list[str]:
    """The lines that these events make, one second apart."""
    story, texts = Story(job=job, detail=detail), list[str]()
    for number, event in enumerate(events, 1):
        story, lines = tell(story, Entry(number, f"2026-01-05T12:00:{number:02}Z", event))
        texts += [line.text for line in lines]
    return texts


def result(host: str, status: Any = "ok", **more: Any) -> HostResult:
    return HostResult(host=host, task=more.pop("task", TASK), status=status, **more)


def test_a_job_from_its_start_to_its_end() -> None:
    counts = {"ok": 2, "changed": 1}

    lines = told(
        JobQueued(actor="user:alice", via="api", rule="ops"),
        JobStarted(worker="w-1", attempt=1),
        PlayStarted(play="roles nginx"),
        INSTALL,
        result("web-1"),
        result("web-2", "changed", seconds=2.5),
        Recap(hosts={"web-1": {"ok": 1}, "web-2": counts}),
        JobEnded(state=State.SUCCESSFUL, reason="fine"),
    )

    assert lines == [
        f"job {JOB_ID}: apply-roles nginx on web-1, web-2, for user:alice, allowed by rule 'ops'",
        "started on w-1",
        "PLAY [roles nginx]",
        "TASK [nginx : install]",
        "  ok: web-1",
        "  changed: web-2 (2.5s)",
        "RECAP",
        "  web-2 : ok=2    changed=1    unreachable=0    failed=0    "
        "skipped=0    rescued=0    ignored=0",
        "  web-1 : ok=1    changed=0    unreachable=0    failed=0    "
        "skipped=0    rescued=0    ignored=0",
        "successful after 6.0s",
    ]


def test_failures_come_first() -> None:
    lines = told(
        INSTALL,
        result("web-1"),
        result("web-2", "failed", message="no such package", stderr="E: nginxx"),
        Recap(hosts={"web-1": {"ok": 1}, "web-2": {"failures": 1}}),
        JobEnded(state=State.FAILED, reason="1 of 2 hosts failed: web-2"),
    )

    assert lines[2:5] == ["  failed: web-2", "    no such package", "    E: nginxx"]
    assert lines[5:9] == ["FAILED", "  web-2: nginx : install", "    no such package", "RECAP"]
    assert [line.split()[0] for line in lines[9:11]] == ["web-2", "web-1"]
    assert lines[-1] == "failed: 1 of 2 hosts failed: web-2"


def test_a_loops_failed_item_stands_for_the_host() -> None:
    lines = told(
        INSTALL,
        result("web-1", "ok", item="a"),
        result("web-1", "failed", item="b", message="broken"),
        result("web-1", "failed", message="One or more items failed"),
        Recap(hosts={"web-1": {"failures": 1}}),
    )

    assert "    One or more items failed" not in lines
    assert lines[1:4] == ["  ok: web-1 (item=a)", "  failed: web-1 (item=b)", "    broken"]
    assert lines[4:7] == ["FAILED", "  web-1: nginx : install (item=b)", "    broken"]


def test_a_terminal_shows_changes_and_leaves_the_rest_to_its_bar() -> None:
    lines = told(
        INSTALL,
        result("web-1"),
        result("web-2", "skipped"),
        TaskStarted(task="restart"),
        result("web-1", "changed", task="restart"),
        detail="changes",
    )

    assert lines == ["TASK [restart]", "  changed: web-1"]


def test_under_the_free_strategy_a_result_names_its_task() -> None:
    assert told(INSTALL, result("web-1", task="other"))[1] == "  ok: web-1 [other]"


@pytest.mark.parametrize(
    ("action", "module", "shown"),
    [("run-module", "command", True), ("run-playbook", "debug", True),
     ("run-playbook", "ansible.builtin.debug", True), ("run-playbook", "command", False)],
)  # fmt: skip
def test_what_a_module_says_is_shown_to_who_asked_for_it(
    action: str, module: str, shown: bool
) -> None:
    job = msgspec.structs.replace(ALICES, action=action)
    started = TaskStarted(task="t", action=module)

    lines = told(started, result("web-1", task="t", stdout="hello"), job=job)

    assert ("    hello" in lines) is shown


def test_pings_answer_has_no_text_only_fields() -> None:
    job = msgspec.structs.replace(ALICES, action="run-module")

    lines = told(INSTALL, result("web-1", data={"ping": "pong", "rc": 0}), job=job)

    assert lines[2:] == ["    {", '      "ping": "pong"', "    }"]


def test_an_approval_that_is_not_the_last_is_seen_to_count() -> None:
    asked = JobApprovals(count=2, group="oncall", by=("user:dave",))
    job = msgspec.structs.replace(
        ALICES, state=State.WAITING, reason="needs 2 approvals of oncall", approvals=asked
    )

    [line] = tell_state(job)

    said = "waiting: approved by user:dave, needs 1 more approval of oncall"
    assert line.text == f"{JOB_ID} {said}"


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (
            JobWaiting(reason="waits for host:10.0.0.5, held by 0199", for_="host:10.0.0.5"),
            "waiting: waits for host:10.0.0.5, held by 0199",
        ),
        (
            JobWaiting(reason="whatever", for_="approval"),
            f"needs 2 approvals of oncall: bootstrapper approve {JOB_ID}",
        ),
        (
            JobStarted(worker="w", attempt=2, batch=3),
            "started on w, attempt 2, together with 2 more",
        ),
        (Said(text="a \x1b[2Jwarning", level="warning"), "a \\x1b[2Jwarning"),
    ],
)
def test_single_lines(event: AnyEvent, line: str) -> None:
    waits = msgspec.structs.replace(ALICES, approvals=JobApprovals(count=2, group="oncall"))

    assert told(event, job=waits) == [line]


def test_the_story_counts_for_the_bar() -> None:
    story = Story(job=ALICES)
    again, failed = result("b", "retry"), result("b", "failed")
    events: tuple[AnyEvent, ...] = (INSTALL, result("a", item="x"), result("a"), again, failed)
    for number, event in enumerate(events):
        story, _ = tell(story, Entry(number, "2026-01-05T12:00:00Z", event))

    assert (story.done, story.counts) == (2, {"ok": 1, "failed": 1})


@pytest.mark.parametrize("text", ["plain", "tab\tand\nline", "ümläut →"])
def test_text_stays_text(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize("character", ["\x1b", "\x07", "\x9b", "\r", "\x00"])
def test_a_hosts_output_cannot_steer_the_terminal(character: str) -> None:
    assert character not in clean(f"a{character}b")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""), (0.0, "0.0s"), (9.94, "9.9s"), (12.3, "12s"), (60, "1m"), (200, "3m 20s"),
        (3600, "1h"), (7500, "2h 5m"), (90000, "1d 1h"), (-3, "0.0s"),
    ],
)  # fmt: skip
def test_durations(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("state", "code"),
    [(State.SUCCESSFUL, 0), (State.FAILED, 1), (State.ERROR, 1), (State.LOST, 1),
     (State.CANCELED, 1)],
)  # fmt: skip
def test_exit_codes(state: State, code: int) -> None:
    assert exit_code(state) == code


def test_jobs_are_listed_with_their_whole_ids() -> None:
    now = datetime(2026, 1, 5, 12, 3, 20, tzinfo=UTC)

    head, line = tell_jobs([ALICES], now)

    assert head.text.split() == ["ID", "STATE", "JOB", "ACTOR", "CREATED", "TOOK", "REASON"]
    assert line.text == (
        f"{JOB_ID}  pending  apply-roles nginx on web-1, web-2  user:alice  3m 20s ago"
    )


def test_colours_only_where_they_are_wanted() -> None:
    line = Line("bad", Tone.BAD)

    assert painted(line, colour=True) == "\x1b[31mbad\x1b[0m"
    assert painted(line, colour=False) == "bad"
