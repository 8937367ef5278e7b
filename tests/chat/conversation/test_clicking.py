"""Buttons below a job: the same as words, as who clicked."""

import pytest

from bootstrapper.actions.registry import action
from bootstrapper.chat.blocks import job as buttons
from bootstrapper.chat.blocks.job import job_message
from bootstrapper.chat.heard import Place
from bootstrapper.chat.progress.asked import asked_of
from bootstrapper.chat.progress.fold import fold_all
from bootstrapper.chat.progress.progress import Progress
from bootstrapper.events import HostResult
from bootstrapper.ids import new_id
from bootstrapper.jobs.job import Job
from bootstrapper.jobs.states import State
from support.conversation import Talk
from support.slack import Posted


def card(talk: Talk, job: Job) -> Posted:
    """The job's message as it is now, in `ops`."""
    asked = asked_of(job, action(job.spec.action).__struct_fields__)
    progress = fold_all(Progress(), talk.parts.jobs.journal(job.id))
    talk.voice.post(Place(channel=talk.ops), job_message(asked, progress))
    return talk.slack.said(talk.ops)[-1]


@pytest.fixture
def waiting(talk: Talk) -> Job:
    """Of ann's, for eve to approve."""
    talk.says(talk.ann, "role hello web-2 prod")
    return talk.job()


@pytest.fixture
def ended(talk: Talk) -> Job:
    talk.says(talk.ann, "role hello stage-2 staging")
    talk.says(talk.ann, f"cancel {talk.job().id}")
    return talk.job()


def test_a_click_approves_the_plan_that_was_seen(talk: Talk, waiting: Job) -> None:
    talk.clicks(talk.eve, card(talk, waiting), buttons.APPROVE)

    job = talk.job()
    assert (job.state, job.approved_by) == (State.PENDING, ("user:eve",))


def test_a_second_click_says_nothing(talk: Talk, waiting: Job) -> None:
    seen, whispers = card(talk, waiting), len(talk.slack.whispers(talk.eve))
    talk.clicks(talk.eve, seen, buttons.APPROVE)
    talk.clicks(talk.eve, seen, buttons.APPROVE)

    assert len(talk.slack.whispers(talk.eve)) == whispers


@pytest.mark.parametrize("button", [buttons.APPROVE, buttons.REJECT])
def test_a_click_below_another_plan_is_refused(talk: Talk, waiting: Job, button: str) -> None:
    seen = card(talk, waiting)
    for block in seen.blocks:
        for element in block.get("elements", ()):
            if element.get("action_id") == button:
                element["value"] = f"{waiting.id} {'0' * 64}"
    talk.clicks(talk.eve, seen, button)

    assert "the plan is not the one that you saw" in talk.whisper(talk.eve)
    assert talk.job().state is State.WAITING


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("ann", "nobody approves what they asked for themselves"),
        ("bob", "only members of approvers may"),
        ("carl", "the policy knows no user"),
    ],
)
def test_who_may_not_approve_is_told_so_alone(
    talk: Talk, waiting: Job, who: str, words: str
) -> None:
    seen, thread = card(talk, waiting), len(talk.slack.messages(talk.ops)) + 1
    talk.clicks(getattr(talk, who), seen, buttons.APPROVE)

    assert words in talk.whisper(getattr(talk, who))
    assert talk.job().state is State.WAITING
    assert talk.audited("jobs.approve").effect == "deny"
    assert len(talk.slack.messages(talk.ops)) == thread - 1


def test_a_click_rejects(talk: Talk, waiting: Job) -> None:
    talk.clicks(talk.eve, card(talk, waiting), buttons.REJECT)

    assert talk.job().reason == "rejected by user:eve"


def test_a_click_cancels_for_who_may(talk: Talk, waiting: Job) -> None:
    seen = card(talk, waiting)
    talk.clicks(talk.bob, seen, buttons.CANCEL)
    assert "no rule allows user:bob jobs.cancel" in talk.whisper(talk.bob)

    talk.clicks(talk.ann, seen, buttons.CANCEL)
    assert talk.job().reason == "canceled by user:ann"


def test_a_click_runs_it_again_as_who_clicks(talk: Talk, ended: Job) -> None:
    seen = card(talk, ended)
    talk.clicks(talk.eve, seen, buttons.RERUN)

    spec = talk.job().spec
    assert (spec.actor, spec.rerun_of) == ("user:eve", ended.id)
    assert talk.cards.places(spec.id) == [Place(channel=talk.ops)]


def test_a_click_delivered_twice_runs_it_again_once(talk: Talk, ended: Job) -> None:
    seen, before = card(talk, ended), len(talk.jobs())
    with talk.slack.twice():
        talk.clicks(talk.eve, seen, buttons.RERUN)

    assert len(talk.jobs()) == before + 1


def test_the_diff_is_a_job_of_who_clicks_in_the_thread(talk: Talk, waiting: Job) -> None:
    seen = card(talk, waiting)
    talk.clicks(talk.eve, seen, buttons.DIFF)

    spec = talk.job().spec
    assert (spec.actor, spec.request["check"], spec.request["diff"]) == ("user:eve", True, True)
    assert spec.hosts == ("web-2",)
    assert talk.cards.places(spec.id) == [Place(channel=talk.ops, thread=seen.ts)]
    assert talk.parts.jobs.get(waiting.id).state is State.WAITING


def test_the_log_is_a_file_in_the_thread(talk: Talk, ended: Job) -> None:
    seen = card(talk, ended)
    talk.clicks(talk.bob, seen, buttons.LOG)

    file = talk.slack.files[-1]
    assert (file.channel, file.thread) == (talk.ops, seen.ts)
    assert b"canceled: canceled by user:ann" in (file.content or b"")


def test_the_output_of_a_job_that_ran_is_a_file_in_the_thread(talk: Talk) -> None:
    talk.says(talk.ann, "role hello stage-2 staging")
    job = talk.job()
    assert talk.parts.jobs.claim(job.id, "a worker", new_id(), 1).ids
    said = HostResult(host="stage-2", task="greet", status="ok", stdout="hello")
    talk.parts.jobs.append(job.id, [said])
    talk.parts.jobs.finish(talk.parts.jobs.get(job.id), State.SUCCESSFUL, "")
    seen = card(talk, talk.job())
    talk.clicks(talk.bob, seen, buttons.OUTPUT)

    file = talk.slack.files[-1]
    assert (file.name, file.thread) == (f"{job.id}.txt", seen.ts)
    assert b"ok: [stage-2]" in (file.content or b"")
    assert b"queued by" not in (file.content or b"")


def test_a_job_that_has_its_message_is_shown_as_it_is(talk: Talk, ended: Job) -> None:
    said = talk.says(talk.bob, f"job {ended.id}")

    assert "*canceled*" in talk.reply(said)
    assert "card" not in str(talk.slack.thread(said.ts)[-1].metadata)
