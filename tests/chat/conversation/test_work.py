"""The workers' loop: what cannot be done now is done later, and nobody waits for others."""

import threading
import time
from collections.abc import Iterator

import msgspec
import pytest

from bootstrapper.chat.busy import Busy
from bootstrapper.chat.conversation.answerer import Answerer
from bootstrapper.chat.conversation.work import MOST, Worker, pause, work
from bootstrapper.chat.heard import Place, Said
from bootstrapper.chat.inbox import Inbox
from bootstrapper.errors import Unavailable
from bootstrapper.ids import new_id
from support.conversation import Talk
from support.eventually import eventually


@pytest.fixture
def healthy(talk: Talk) -> Iterator[None]:
    """Slack is as it was, however the test ends."""
    yield
    talk.slack.web.failing.clear()
    talk.slack.back()
    eventually(lambda: talk.slack.connections, within=20, what="the bot is connected again")


@pytest.fixture
def inbox(talk: Talk) -> Inbox:
    """One that no worker looks into but the test's own."""
    change = msgspec.structs.replace
    redis = change(talk.parts.settings.redis, prefix=f"{new_id()}:")
    settings = change(talk.parts.settings, redis=redis)
    return Inbox(change(talk.parts, settings=settings), idle=0.2)


def a_word(talk: Talk, text: str) -> Said:
    return Said(
        id=new_id(), user=talk.ann, place=Place(channel=talk.ops), text=text, how="mention",
        ts=talk.slack.space.ts(),
    )  # fmt: skip


def through(worker: Worker, inbox: Inbox) -> bool:
    worker.turn()
    return not inbox.waiting()


@pytest.mark.parametrize(
    ("tries", "error", "seconds"),
    [
        (1, Unavailable("away"), 1.0),
        (3, Unavailable("away"), 4.0),
        (30, Unavailable("away"), MOST),
        (1, Busy("slower", seconds=7), 7),
        (1, Busy("much slower", seconds=90), 90),
    ],
)
def test_the_pause_before_the_next_try(tries: int, error: Unavailable, seconds: float) -> None:
    assert pause(tries, error) == seconds


@pytest.mark.usefixtures("healthy")
def test_a_job_is_accepted_while_slack_is_away(talk: Talk) -> None:
    talk.slack.away(refuse=False)
    before = len(talk.jobs())
    talk.inbox.put(a_word(talk, "role hello stage-1 staging"))

    eventually(lambda: len(talk.jobs()) == before + 1, what="the job is there")


@pytest.mark.usefixtures("healthy")
def test_what_could_not_be_told_is_told_later_and_done_once(talk: Talk) -> None:
    talk.slack.fails("chat.postMessage", "internal_error", status=503, times=1)
    said = a_word(talk, "lock name:a-release")
    talk.inbox.put(said)
    talk.idle()

    answers = [each.text for each in talk.slack.thread(said.ts)]
    assert answers == [":lock: `name:a-release` is held by user:ann"]
    talk.says(talk.ann, "unlock name:a-release")


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize("method", ["chat.postMessage", "files.completeUploadExternal"])
def test_what_was_told_without_an_answer_is_not_told_again(talk: Talk, method: str) -> None:
    talk.says(talk.ann, "role hello stage-1 staging")
    order = "nodes" if method == "chat.postMessage" else f"log {talk.job().id}"
    before = len(talk.slack.said(talk.ops))
    talk.slack.loses(method)
    talk.says(talk.ann, order)

    assert len(talk.slack.said(talk.ops)) == before + 1


@pytest.mark.usefixtures("healthy")
def test_a_log_that_has_to_wait_is_read_anew_and_not_kept(talk: Talk, inbox: Inbox) -> None:
    talk.says(talk.ann, "role hello stage-1 staging")
    job = talk.job()
    talk.slack.limits.refuse("files.getUploadURLExternal", 1)
    inbox.put(a_word(talk, f"log {job.id}"))
    worker = Worker(inbox, talk.answerer)
    worker.turn()
    talk.says(talk.ann, f"cancel {job.id}")

    eventually(lambda: through(worker, inbox), what="it is uploaded")
    assert b"canceled" in (talk.slack.files[-1].content or b"")


@pytest.mark.parametrize("order", ["nodes", "log"])
def test_what_was_told_before_a_kill_is_not_told_again(
    talk: Talk, inbox: Inbox, order: str
) -> None:
    talk.says(talk.ann, "role hello stage-1 staging")
    directly = Place(channel=talk.direct, direct=True)
    words = order if order == "nodes" else f"log {talk.job().id}"
    inbox.put(msgspec.structs.replace(a_word(talk, words), place=directly, how="direct"))
    before = len(talk.slack.said(talk.direct))
    [(_, taken)] = inbox.take("the one that is killed", 1.0)
    talk.answerer.answer(taken)

    worker = Worker(inbox, talk.answerer)
    eventually(lambda: through(worker, inbox), what="another takes it over")

    assert len(talk.slack.said(talk.direct)) == before + 1


@pytest.mark.usefixtures("healthy")
def test_others_do_not_wait_for_what_is_put_off(talk: Talk) -> None:
    talk.slack.limits.refuse("chat.postMessage", 2)
    late = a_word(talk, "jobs")
    talk.inbox.put(late)
    eventually(lambda: not talk.slack.limits._told.get("chat.postMessage"))
    quick = a_word(talk, "nodes")
    talk.inbox.put(quick)

    eventually(lambda: talk.slack.thread(quick.ts), what="the second is answered")
    assert not talk.slack.thread(late.ts)
    talk.idle()
    assert len(talk.slack.thread(late.ts)) == 1


def test_what_slack_refuses_in_a_channel_is_told_directly(talk: Talk) -> None:
    elsewhere = Place(channel=talk.secret)
    said = Said(
        id=new_id(), user=talk.ann, place=elsewhere, text="jobs", how="mention",
        ts=talk.slack.space.ts(),
    )  # fmt: skip
    talk.inbox.put(said)
    talk.idle()

    assert "The newest" in talk.slack.said(talk.direct)[-1].text


def test_a_fault_of_ours_is_told_shortly_and_blocks_nothing(talk: Talk, inbox: Inbox) -> None:
    def breaks(*_: object) -> str:
        raise RuntimeError("a plugin of the tests")

    worker = Worker(inbox, Answerer(talk.parts, talk.voice, talk.cards, plugins=breaks))
    inbox.put(a_word(talk, "gibberish"))
    worker.turn()

    assert "Something broke while I did that" in talk.whisper(talk.ann)
    assert inbox.waiting() == 0


def test_a_slow_plugin_keeps_nobody_from_orders(talk: Talk) -> None:
    begun, over = threading.Event(), threading.Event()

    def slow(*_: object) -> str:
        begun.set()
        over.wait(10)
        return "at last"

    answerer = Answerer(talk.parts, talk.voice, talk.cards, plugins=slow)
    thinking = threading.Thread(target=answerer.answer, args=(a_word(talk, "what is it?"),))
    thinking.start()
    assert begun.wait(5)

    with pytest.raises(Busy):
        answerer.decide(a_word(talk, "what else is it?"))
    assert answerer.decide(a_word(talk, "nodes")) is not None

    over.set()
    thinking.join(10)
    assert not thinking.is_alive()


def test_what_a_killed_worker_took_is_done_by_another(talk: Talk, inbox: Inbox) -> None:
    """It had launched the job already, and was killed before it could say so."""
    said = a_word(talk, "role hello stage-1 staging not_before=2h")
    inbox.put(said)
    [(_, taken)] = inbox.take("the one that is killed", 1.0)
    talk.answerer.decide(taken)
    job = talk.job()

    worker = Worker(inbox, talk.answerer)
    eventually(lambda: through(worker, inbox), what="another takes it over")

    assert talk.job().id == job.id
    assert talk.cards.places(job.id) == [said.place]


def test_a_slash_command_is_the_same_request_when_another_takes_it_over(
    talk: Talk, inbox: Inbox
) -> None:
    """Its `2h` were over a moment later for the one that took it over."""
    text = "role hello stage-1 staging not_before=2h"
    inbox.put(
        Said(
            id=new_id(), user=talk.ann, place=Place(channel=talk.ops), text=text, how="slash",
            at=time.time() - 5,
        )
    )  # fmt: skip
    [(_, taken)] = inbox.take("the one that is killed", 1.0)
    talk.answerer.decide(taken)
    job = talk.job()

    worker = Worker(inbox, talk.answerer)
    eventually(lambda: through(worker, inbox), what="another takes it over")

    assert talk.job().id == job.id
    assert len(talk.cards.places(job.id)) == 1


def test_one_who_waits_for_slack_keeps_what_it_took(talk: Talk, inbox: Inbox) -> None:
    talk.slack.fails("chat.postEphemeral", "internal_error", status=503)
    worker = Worker(inbox, talk.answerer)
    inbox.put(a_word(talk, "whoami"))
    worker.turn()
    assert inbox.waiting() == 1

    eventually(lambda: through(worker, inbox), what="it is told")
    assert "*user:ann*" in talk.whisper(talk.ann)


def test_it_ends_when_told_to(talk: Talk) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(talk.inbox, talk.answerer, stop), daemon=True)
    thread.start()
    stop.set()
    thread.join(5)

    assert not thread.is_alive()
