"""Whoever tells may end at any step: the next one repeats nothing and leaves nothing out."""

from collections.abc import Callable

import msgspec
import pytest

from bootstrapper.chat.cards.card import Card, Posting
from bootstrapper.chat.cards.ledger import Ledger
from bootstrapper.chat.cards.sending import Sending
from bootstrapper.chat.cards.table import Table
from bootstrapper.errors import Unavailable
from bootstrapper.jobs.states import State
from support.cards import CardsWorld, failed, shown_in
from support.eventually import eventually


def remembered(world: CardsWorld) -> Card:
    (card,) = Ledger(world.parts.redis, world.prefix).cards()
    return card


def remember(world: CardsWorld, **fields: object) -> None:
    """As if it had ended before it could write down what it did last."""
    card = msgspec.structs.replace(remembered(world), **fields)
    Ledger(world.parts.redis, world.prefix).save(card)


def post_not_recorded(world: CardsWorld) -> None:
    card = remembered(world)
    remember(world, ts="", shown=0, posting=Posting(mark=card.mark, since=float(card.ts)))


def post_not_recorded_by_a_clock_that_is_ahead(world: CardsWorld) -> None:
    card = remembered(world)
    since = float(card.ts) + 300
    remember(world, ts="", shown=0, posting=Posting(mark=card.mark, since=since))


def edit_not_recorded(world: CardsWorld) -> None:
    remember(world, shown=1)


def thread_not_recorded(world: CardsWorld) -> None:
    card = remembered(world)
    (told,) = card.jobs
    out = Posting(
        mark=f"{card.mark} thread {told.told}", since=float(card.ts), told=(told,)
    )  # fmt: skip
    before = (msgspec.structs.replace(told, told=0, behind=0),)
    remember(world, jobs=before, posting=out)


@pytest.mark.parametrize(
    "lost",
    [
        post_not_recorded,
        post_not_recorded_by_a_clock_that_is_ahead,
        edit_not_recorded,
        thread_not_recorded,
    ],
)
def test_what_was_done_but_not_written_down_is_not_done_again(
    world: CardsWorld, lost: Callable[[CardsWorld], None]
) -> None:
    job = world.job()
    world.runs(job, failed("web1"))
    world.start()
    message = world.message("web1")
    eventually(lambda: len(world.threads(message)) == 1)
    eventually(lambda: remembered(world).posting is None and remembered(world).jobs[0].told)
    world.stop()

    lost(world)
    world.runs(job, failed("web2"))
    world.ends(job, State.FAILED)
    world.start()

    world.message("*failed*", "web1", "web2")
    world.settled()
    assert ["web1" in each for each in world.threads(message)] == [True, False]
    assert "web2" in world.threads(message)[1]


def test_a_post_that_was_only_meant_is_made(world: CardsWorld) -> None:
    job = world.job()
    world.start()
    message = world.message(job)
    world.stop()
    post_not_recorded(world)
    message.deleted = True  # as if it had never come to Slack

    world.start()

    assert world.message(job).ts != message.ts


def test_what_happened_while_nobody_told_is_told(world: CardsWorld) -> None:
    job = world.job()
    world.start()
    world.message("*pending*")
    world.stop()
    world.runs(job, *[failed(f"web{number}") for number in range(30)])
    other = world.job()
    world.ends(job, State.FAILED)

    world.start()

    eventually(lambda: len(world.messages()) == 2)
    eventually(lambda: "and 10 more failed" in shown_in(world.messages()[0]))
    eventually(lambda: other in shown_in(world.messages()[1]))
    (told,) = eventually(lambda: world.threads(world.messages()[0]))
    assert "10 more and all at length: in the file" in told


def test_what_another_version_left_stops_nobody(world: CardsWorld) -> None:
    world.parts.redis.hset(f"{world.prefix}chat:cards", "odd", b'{"id": 1}')
    world.parts.redis.hset(f"{world.prefix}chat:followed", "odd", b"\xff")
    job = world.job()
    world.start()

    world.ends(job)

    world.message("*successful*")
    world.settled()


def test_two_that_would_tell_are_one(world: CardsWorld) -> None:
    world.start()
    first, thread = world._stop, world._thread
    world._stop, world._thread = type(first)(), None
    world.start()
    jobs = [world.job() for _ in range(3)]

    for job in jobs:
        world.ends(job)
    world.settled()
    first.set()
    assert thread is not None
    thread.join(10)

    assert len(world.messages()) == 3


def test_while_slack_is_away_the_journal_waits(world: CardsWorld) -> None:
    world.start()
    job = world.job()
    message = world.message("*pending*")
    world.slack.away()
    world.runs(job, failed("web1"))
    eventually(lambda: remembered(world).ts)
    world.ends(job, State.FAILED)

    world.slack.back()

    world.message("*failed*", "web1", within=10)
    world.settled()
    assert len(world.threads(message)) == 1


def test_a_post_whose_answer_was_lost_is_found(world: CardsWorld) -> None:
    world.slack.fails("chat.postMessage", "internal_error", status=500)
    world.start()
    job = world.job()

    world.message(job)
    assert len(world.slack.calls("conversations.history", world.channel)) == 1


def test_a_file_that_did_not_get_through_is_sent_again(world: CardsWorld) -> None:
    world.slack.fails("files.getUploadURLExternal", "internal_error", status=500)
    job = world.job()
    world.runs(job, failed("web1", stdout="x\n" * 9000))
    world.ends(job, State.FAILED)

    world.start()

    world.settled()
    assert len(world.files()) == 1
    assert len(world.threads(world.message())) == 1


def test_while_the_token_is_refused_all_waits(world: CardsWorld) -> None:
    world.slack.fails("chat.postMessage", "token_revoked")
    world.start()
    job = world.job()

    world.message(job)


def test_a_message_that_somebody_deleted_is_told_no_more(world: CardsWorld) -> None:
    world.start()
    job = world.job()
    world.message(job).deleted = True

    world.runs(job, failed("web1"))

    world.settled()
    assert world.messages() == []


def test_a_limit_is_waited_for(world: CardsWorld) -> None:
    world.slack.limits.refuse("chat.update", 1)
    world.start()
    job = world.job()
    world.message("*pending*")

    world.ends(job)

    world.message("*successful*")
    refused, again = world.slack.calls("chat.update", world.channel)
    assert again.at - refused.at >= 1


def test_whoever_ends_before_a_file_is_written_down_uploads_it_once(world: CardsWorld) -> None:
    world.start()
    job = world.job()
    world.runs(job, failed("web1", stdout="long\n" * 3000))
    eventually(world.files)
    eventually(lambda: not remembered(world).file)
    world.stop()
    (told,) = remembered(world).jobs
    remember(world, file=(msgspec.structs.replace(told, told=0, behind=0),))
    world.ends(job, State.FAILED)

    world.start()

    world.settled()
    assert len(world.files()) == 1


def test_who_was_halted_until_another_tells_posts_nothing(world: CardsWorld) -> None:
    ledger = Ledger(world.parts.redis, world.prefix)
    world.job()
    table = Table(world.parts, ledger)
    table.look(None)
    (want,) = table.wants(())

    send = table.send_of(want)
    done = Sending(world.voice, ledger, world.parts.jobs, send, lambda: False).perform()

    assert isinstance(done.error, Unavailable)
    assert world.messages() == []
