"""Answers as messages: Slack takes them however much is in them, and others' words stay words."""

import pytest

from bootstrapper.chat.blocks.helping import help_list
from bootstrapper.chat.blocks.lists import STEPS, chain_story, jobs_list, nodes_table
from bootstrapper.chat.blocks.replies import form_button, locked, words, wrong
from bootstrapper.chat.language.help import Topic
from bootstrapper.chat.message import Message
from bootstrapper.errors import Denied, Mistake
from bootstrapper.fleet.chain import Chain, Step
from bootstrapper.fleet.values import Fleet, Node
from bootstrapper.jobs.job import Job
from bootstrapper.jobs.states import State
from support.conversation import shown_in
from support.slack.blocks import WHOLE, faults, letters
from support.specs import a_spec

LONG = "<!here> " * 100
JOB = Job(spec=a_spec(request={"roles": [LONG]}, env=LONG, actor=LONG), state=State.FAILED)
NODES = [Node(name=f"web-{number}<&>", address="10.0.0.1", since=1.0) for number in range(500)]
CHAIN = Chain(
    name="web", of="service", well=False, verdict=LONG,
    steps=tuple(Step(at=float(number), text=LONG) for number in range(200)),
)  # fmt: skip


@pytest.mark.parametrize(
    "message",
    [
        jobs_list([JOB] * 10),
        nodes_table(Fleet(), NODES),
        chain_story(CHAIN),
        help_list([Topic(word="x", form=LONG, does=LONG)] * 60, {"deploy": LONG}),
        wrong(Mistake(LONG * 50)),
        words(LONG * 50),
        locked(LONG, LONG, ""),
        form_button(""),
    ],
)
def test_slack_takes_it_and_nobody_is_called(message: Message) -> None:
    assert faults(list(message.blocks)) == []
    assert letters(list(message.blocks)) <= WHOLE
    assert "<!here>" not in shown_in(list(message.blocks)) + message.text


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (Denied("rule 'x' denies it", rule="x"), ":no_entry: rule 'x' denies it"),
        (Mistake("no such host", field="hosts[1]"), ":warning: hosts[1]: no such host"),
        (Mistake("tags is missing", field="tags"), ":warning: tags is missing"),
    ],
)
def test_what_was_wrong(error: Mistake, text: str) -> None:
    assert wrong(error).text == text


def test_what_there_was_no_room_for_is_counted() -> None:
    assert f"and {200 - STEPS} steps before that" in shown_in(list(chain_story(CHAIN).blocks))
    assert "\nand " in shown_in(list(nodes_table(Fleet(), NODES).blocks))


def test_an_empty_list_says_so() -> None:
    assert jobs_list([]).text == "No such jobs that you may see."
    assert nodes_table(Fleet(), []).text == "No nodes are alive there."
