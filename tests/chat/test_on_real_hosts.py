"""The bot as a process, on real hosts: the conversations of 2015, and what a kill may not break."""

from collections.abc import Iterator

import pytest

from support.chat import ChatPlane, new_chat_plane
from support.eventually import eventually
from support.sshd import Sshd


@pytest.fixture(scope="module")
def chat(sshd: Sshd) -> Iterator[ChatPlane]:
    with new_chat_plane(sshd) as made:
        yield made


def test_code_is_updated_by_a_word(chat: ChatPlane) -> None:
    card = chat.asks(chat.ann, chat.deploys, "codeupdate v1.2 staging")
    text = chat.becomes(card, "successful")
    job = chat.plane.owner.jobs(action="update-code").jobs[0]

    assert (job.actor, job.via, job.rule, job.state) == (
        "user:ann", "chat", "staging", "successful",
    )  # fmt: skip
    assert job.hosts == ("web1", "web2")
    assert "staging" in text


def test_a_module_runs_by_a_word(chat: ChatPlane) -> None:
    card = chat.asks(chat.ann, chat.deploys, "adhoc staging web1 ping")
    chat.becomes(card, "successful")
    job = chat.plane.owner.jobs(action="run-module").jobs[0]

    assert (job.actor, job.rule, job.hosts) == ("user:ann", "ping", ("web1",))
    assert job.request == {"hosts": ["web1"], "module": "ping", "env": "staging"}


@pytest.mark.parametrize(
    ("who", "where", "words", "says"),
    [
        ("bob", "deploys", "codeupdate v1.2 staging", "no rule allows user:bob"),
        ("eve", "deploys", "codeupdate v1.2 staging", "the policy knows no user"),
        ("ann", "lounge", "codeupdate v1.2 staging", "no rule allows user:ann"),
        ("ann", "deploys", "codeupdate wipe staging", "no rule allows user:ann"),
        ("ann", "deploys", "adhoc prod web3 ping", "no rule allows user:ann run-module in prod"),
        ("ann", "deploys", "codeupdate v1.2 stagging", "staging"),
    ],
    ids=["user", "nobody we know", "channel", "tag", "env", "no such env"],
)
def test_who_may_not_is_told_so(
    chat: ChatPlane, who: str, where: str, words: str, says: str
) -> None:
    before = len(chat.plane.owner.jobs(limit=1000).jobs)

    assert says in chat.refused(getattr(chat, who), getattr(chat, where), words)
    assert len(chat.plane.owner.jobs(limit=1000).jobs) == before


def test_a_failed_task_is_in_the_thread(chat: ChatPlane) -> None:
    card = chat.asks(chat.ann, chat.deploys, "codeupdate broken staging")
    chat.becomes(card, "failed")
    eventually(lambda: "it is broken" in str(chat.slack.thread(card.ts)), within=20,
               what="its output in the thread")  # fmt: skip


def test_what_needs_approval_runs_once_it_is_given(chat: ChatPlane) -> None:
    card = chat.asks(chat.ann, chat.deploys, "codeupdate v1.2 prod")
    chat.becomes(card, "job.approve")
    before = len(chat.slack.whispers(chat.ann))
    chat.slack.click(chat.ann, card, "job.approve")
    eventually(lambda: len(chat.slack.whispers(chat.ann)) > before, what="the requester is refused")
    chat.slack.click(chat.carl, card, "job.approve")
    text = chat.becomes(card, "successful")
    job = chat.plane.owner.jobs(env="prod").jobs[0]

    assert job.state == "successful"
    assert "job.approve" not in text


def test_a_kill_in_the_middle_is_not_seen(chat: ChatPlane) -> None:
    card = chat.asks(chat.ann, chat.deploys, "codeupdate slow staging")
    chat.becomes(card, "wait for the word")
    before = len(chat.slack.said(chat.deploys))
    chat.plane.restart("chat")
    chat.go()
    chat.becomes(card, "successful", within=60)
    eventually(lambda: chat.slack.connections > 0, within=30, what="the bot listens again")

    assert len(chat.slack.said(chat.deploys)) == before


def test_slack_s_absence_loses_nothing(chat: ChatPlane) -> None:
    (chat.scratch / "go").unlink(missing_ok=True)
    card = chat.asks(chat.ann, chat.deploys, "codeupdate slow staging")
    chat.becomes(card, "wait for the word")
    chat.slack.away()
    chat.go()
    job = chat.plane.owner.jobs(action="update-code").jobs[0]
    eventually(lambda: chat.plane.owner.job(job.id).final, within=30, what="the job ends")
    chat.slack.back()

    assert "successful" in chat.becomes(card, "successful", within=90)
