"""What people see of jobs: within Slack's limits, and others' words as words."""

from typing import Any

import pytest

from bootstrapper.chat.blocks import job as buttons
from bootstrapper.chat.blocks.crowd import MOST, crowd_message
from bootstrapper.chat.blocks.job import job_message
from bootstrapper.chat.blocks.text import clip, code, escape, fenced, lasted, moment, plain
from bootstrapper.chat.blocks.thread import (
    Output,
    failed_outputs,
    fits,
    thread_message,
    whole,
)
from bootstrapper.chat.message import Message
from bootstrapper.chat.progress.asked import Asked
from bootstrapper.chat.progress.progress import Failure, Play, Progress
from bootstrapper.events import AnyEvent, Entry, HostResult
from bootstrapper.jobs.job import Approvals
from bootstrapper.jobs.states import State
from support.slack import blocks as slack_blocks

JOB = "01990000-0000-7000-8000-000000000001"
HOSTILE = "<!channel> @here <@U1> &amp; ``` *x* \x1b[31m\x00" * 200


def asked(**fields: Any) -> Asked:
    values: dict[str, Any] = {
        "id": JOB, "action": "update-code", "what": "tags=api", "env": "staging",
        "hosts": ("web1", "web2"), "targets": 2, "actor": "user:ann", "via": "slack",
        "rule": "staging", "risk": "change",
    }  # fmt: skip
    return Asked(**(values | fields))


def waiting(**fields: Any) -> Progress:
    values: dict[str, Any] = {"state": State.WAITING, "waits_for": "approval", "asked": 2}
    return Progress(**(values | fields))


APPROVALS = Approvals(count=2, group="ops", expires="2026-01-02T03:04:05.000Z", digest="d" * 64)


def texts(message: Message) -> str:
    return "\n".join(
        text["text"]
        for block in message.blocks
        for text in [block.get("text"), *block.get("elements", [])]
        if text and text["type"] == "mrkdwn"
    )


def values(message: Message) -> dict[str, str]:
    return {
        element["action_id"]: element["value"]
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    }


def good(message: Message) -> bool:
    blocks = list(message.blocks)
    fits_in = slack_blocks.letters(blocks) <= slack_blocks.WHOLE and len(message.text) <= 4000
    return fits_in and not slack_blocks.faults(blocks)


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("<@U123>", "&lt;@U123&gt;"),
        ("@here @Channel @everyone", "@\u2060here @\u2060Channel @\u2060everyone"),
        ("ann@hereford.example", "ann@hereford.example"),
        ("\x1b[31mred\x1b[0m\x07", "red"),
        ("two\nlines\tand", "two\nlines\tand"),
        ("restart \u202e1bew\u202c \u2066x", "restart �1bew� �x"),
        ("\x9b31mred", "31mred"),
    ],
)
def test_others_words_stay_words(text: str, escaped: str) -> None:
    assert escape(text) == escaped


@pytest.mark.parametrize(
    ("text", "most", "cut"),
    [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("a&amp;b", 4, "a…"), ("a&lt;b", 6, "a&lt;b")],
)
def test_a_cut_leaves_no_half_of_anything(text: str, most: int, cut: str) -> None:
    assert clip(text, most) == cut


def test_what_is_fenced_does_not_break_out() -> None:
    assert fenced("a```b", 100).count("```") == 2
    assert code("a`b") == "`aˋb`"
    assert plain(" a\n b ", 9) == "a b"


def test_times_are_told_on_the_readers_clock() -> None:
    text = moment("2026-01-02T03:04:05.000Z")

    assert text == "<!date^1767323045^{date_short_pretty} {time}|02 Jan 03:04 UTC>"


@pytest.mark.parametrize(
    ("end", "text"),
    [
        ("2026-01-01T00:00:01.500Z", "1.5 s"),
        ("2026-01-01T00:02:03.000Z", "2 min 3 s"),
        ("2026-01-01T03:02:03.000Z", "3 h 2 min"),
        ("2025-12-31T23:00:00.000Z", "0.0 s"),
    ],
)
def test_how_long_it_took(end: str, text: str) -> None:
    assert lasted("2026-01-01T00:00:00.000Z", end) == text


HOST_FAILED = Progress(state=State.FAILED, hosts={"web1": "failed"}, failed=1, started="x")


@pytest.mark.parametrize(
    ("of", "progress", "shown"),
    [
        (asked(), Progress(), {buttons.CANCEL}),
        (asked(), Progress(state=State.RUNNING), {buttons.CANCEL}),
        (asked(), Progress(state=State.RUNNING, cancel_by="user:bob"), set()),
        (
            asked(approvals=APPROVALS, can_diff=True),
            waiting(),
            {buttons.APPROVE, buttons.REJECT, buttons.DIFF, buttons.CANCEL},
        ),
        (
            asked(approvals=APPROVALS),
            waiting(),
            {buttons.APPROVE, buttons.REJECT, buttons.CANCEL},
        ),
        (asked(), Progress(state=State.CANCELED), {buttons.RERUN, buttons.LOG}),
        (
            asked(can_limit=True),
            Progress(state=State.FAILED, hosts={"web1": "unreachable"}),
            {buttons.RERUN, buttons.RERUN_FAILED, buttons.LOG},
        ),
        (asked(can_limit=True), Progress(state=State.ERROR), {buttons.RERUN, buttons.LOG}),
        (
            asked(),
            Progress(state=State.FAILED, hosts={"web1": "failed"}),
            {buttons.RERUN, buttons.LOG},
        ),
    ],
)
def test_what_may_be_done_is_a_button(of: Asked, progress: Progress, shown: set[str]) -> None:
    assert set(values(job_message(of, progress))) == shown


def test_who_approves_says_yes_to_this_plan() -> None:
    message = job_message(asked(approvals=APPROVALS), waiting(approved_by=("user:bob",)))

    assert values(message)[buttons.APPROVE] == f"{JOB} {APPROVALS.digest}"
    assert values(message)[buttons.REJECT] == f"{JOB} {APPROVALS.digest}"
    assert "*Approvals*: 2 of ops, 1 missing; given by user:bob" in texts(message)
    assert "Members of ops may approve until <!date^" in texts(message)
    assert "but for user:ann" in texts(message)


def test_who_approved_is_told_to_the_end() -> None:
    approvers = ("user:bob", "user:eve")
    progress = Progress(state=State.SUCCESSFUL, approved_by=approvers)

    assert "approved by user:bob, user:eve" in texts(job_message(asked(), progress))
    assert "given by user:bob, user:eve" in texts(
        job_message(asked(approvals=APPROVALS), waiting(approved_by=approvers))
    )


def test_who_holds_a_lock_is_said_once() -> None:
    held = Progress(
        state=State.WAITING, waits_for="env:staging", held_by="user:bob",
        reason="waits for env:staging, held by user:bob",
    )  # fmt: skip

    assert texts(job_message(asked(), held)).count("held by user:bob") == 1


def test_a_message_says_what_where_who_and_how_it_goes() -> None:
    progress = Progress(
        state=State.RUNNING, hosts={"web1": "changed", "web2": "failed"}, failed=1,
        failures=(Failure(seq=3, host="web2", task="app : restart", message="no unit"),),
        play=Play(number=1, hosts=2, tasks=4, begun=2, task="app : check", answered=1),
    )  # fmt: skip

    assert texts(job_message(asked(by="U1"), progress)) == (
        ":warning: *update-code* `tags=api`\n"
        "*running* · staging · 2 hosts: web1, web2\n"
        ":x: *web2* · app : restart: no unit\n"
        "███████░░░░░░░░░░░░░ tasks 2/4 · hosts 1/2\n"
        "`app : check`\n"
        "1 failed · 1 changed\n"
        f"asked by <@U1> (user:ann) via slack · rule staging · job `{JOB}`"
    )


def test_the_hosts_that_are_not_named_are_counted() -> None:
    message = job_message(asked(targets=12), Progress())

    assert "12 hosts: web1, web2 and 10 more" in texts(message)


def test_what_is_known_of_a_user_is_no_mention_unless_it_is_an_id() -> None:
    assert "<@" not in texts(job_message(asked(by="U1> <!channel"), Progress()))


WORST = Progress(
    state=State.RUNNING, reason=HOSTILE[:300], held_by=HOSTILE, said=HOSTILE[:300],
    cancel_by=HOSTILE, failed=900,
    failures=tuple(
        Failure(seq=n, host=HOSTILE[:300], task=HOSTILE[:300], message=HOSTILE[:300], item=HOSTILE)
        for n in range(20)
    ),
    play=Play(number=3, name=HOSTILE, task=HOSTILE[:300], begun=3, tasks=9),
)  # fmt: skip
HUGE = asked(
    what=HOSTILE[:600], env=HOSTILE, hosts=(HOSTILE,) * 8, targets=900, actor=HOSTILE,
    rule=HOSTILE, schedule=HOSTILE, approvals=APPROVALS, can_diff=True, can_limit=True,
)  # fmt: skip


@pytest.mark.parametrize(
    "message",
    [
        job_message(HUGE, WORST),
        job_message(HUGE, waiting(approved_by=(HOSTILE,) * 50)),
        job_message(asked(), Progress()),
        crowd_message([(HUGE, WORST)] * MOST, "card x"),
        thread_message([Output(host=HOSTILE, task=HOSTILE, status="failed", text=HOSTILE)] * 99,
                       "card x thread 1", HOSTILE),
        thread_message([Output(host="h", task="t", status="failed", text="")], "m"),
    ],
)  # fmt: skip
def test_no_message_is_more_than_slack_takes_or_calls_anybody(message: Message) -> None:
    shown = texts(message)

    assert good(message)
    assert "<!channel" not in shown + message.text
    assert "<@U1>" not in shown + message.text
    assert "@here" not in shown + message.text
    assert all(
        text.get("verbatim")
        for block in message.blocks
        for text in [block.get("text"), *block.get("elements", [])]
        if text and text["type"] == "mrkdwn"
    )


def test_in_a_crowd_failures_come_first() -> None:
    members = [
        (asked(id="a"), Progress(state=State.SUCCESSFUL)),
        (asked(id="b"), Progress(state=State.PENDING)),
        (asked(id="c"), HOST_FAILED),
        (asked(id="d"), Progress(state=State.RUNNING, failed=1)),
        (asked(id="e"), Progress(state=State.RUNNING)),
    ]

    lines = texts(crowd_message(members, "card x")).splitlines()

    assert lines[0] == "*5 jobs*: 1 failed · 2 running · 1 pending · 1 successful"
    assert [line.split(" ")[1] for line in lines[1:]] == [
        "failed", "running", "running", "pending", "successful",
    ]  # fmt: skip


def entries(*events: AnyEvent) -> list[Entry]:
    return [Entry(seq=n, at="", event=event) for n, event in enumerate(events, 1)]


def result(host: str, status: Any, item: str = "", **more: str) -> HostResult:
    return HostResult(host=host, task="t", status=status, item=item, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("events", "told", "outputs", "upto", "behind"),
    [
        ([], 0, [], 0, 0),
        ([result("a", "failed"), result("b", "ok")], 0, ["a t"], 2, 2),
        ([result("a", "failed"), result("a", "failed")], 1, ["a t"], 2, 2),
        ([result("a", "failed", "x"), result("a", "failed")], 0, ["a t (item x)"], 2, 2),
        ([result("a", "failed", "x"), result("a", "ignored")], 0, [], 2, 2),
        ([result("a", "failed", "x"), result("b", "unreachable")], 0, ["b t"], 2, 0),
        (
            [result("a", "failed", "x"), result("b", "failed"), result("a", "failed")],
            2, ["a t (item x)"], 3, 3,
        ),
        ([result("a", "retry"), result("a", "skipped")], 0, [], 2, 2),
    ],
)  # fmt: skip
def test_the_thread_tells_each_failure_once(
    events: list[AnyEvent], told: int, outputs: list[str], upto: int, behind: int
) -> None:
    found = failed_outputs(entries(*events), told, 1000)

    assert [f"{each.host} {each.task}" for each in found.outputs] == outputs
    assert (found.told, found.behind) == (upto, behind)


def test_outputs_are_taken_until_there_is_enough() -> None:
    events = [result("a", "failed", message="m" * 60) for _ in range(10)]

    found = failed_outputs(entries(*events), 0, 100)

    assert (len(found.outputs), found.told) == (2, 2)


def test_an_output_has_everything_once() -> None:
    (output,) = failed_outputs(
        entries(result("a", "failed", message="no", stdout="out", stderr="no", diff="-a\n+b")), 0, 9
    ).outputs

    assert output.text == "no\nout\n-a\n+b"
    assert whole([output]) == "a · t · failed\nno\nout\n-a\n+b\n"


def test_what_does_not_fit_goes_to_a_file() -> None:
    short = Output(host="a", task="t", status="failed", text="x")
    long = Output(host="a", task="t", status="failed", text="x" * 5000)

    assert fits([short])
    assert not fits([long])
    assert not fits([short] * 50)
    shown = texts(thread_message([short] * 50, "m", "failures.txt"))
    assert "30 more and all at length: in the file failures.txt" in shown
