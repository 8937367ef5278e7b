"""What was heard, in a real Redis: kept once, worked on once, and not lost with who took it."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from bootstrapper.chat.heard import AnyHeard, Clicked, Place, Said, Submitted
from bootstrapper.chat.inbox import TRIES, Inbox
from bootstrapper.control.parts import Parts, make_parts
from bootstrapper.errors import Unavailable
from bootstrapper.ids import new_id
from bootstrapper.settings import Redis, Settings
from support.eventually import eventually
from support.redis import RedisServer
from support.services import short_folder

OPS = Place(channel="C1", thread="1700000000.000100")
A_WORKER = """
import sys, time
from bootstrapper.chat.inbox import Inbox
from bootstrapper.control.parts import make_parts
from bootstrapper.settings import Redis, Settings
inbox = Inbox(make_parts(Settings(redis=Redis(url=sys.argv[1], prefix=sys.argv[2]))))
taken = inbox.take("the one that dies", 5.0)
print(taken[0][1].id, flush=True)
time.sleep(60)
"""


def words(name: str = "Ev1", text: str = "jobs") -> Said:
    return Said(id=name, user="U1", place=OPS, text=text, how="mention", ts="1700000000.000200")


def parts_of(url: str, prefix: str) -> Parts:
    return make_parts(Settings(redis=Redis(url=url, prefix=prefix)))


@pytest.fixture
def prefix() -> str:
    return f"{new_id()}:"


@pytest.fixture
def parts(redis_server: RedisServer, prefix: str) -> Iterator[Parts]:
    made = parts_of(redis_server.url, prefix)
    yield made
    made.redis.close()


@pytest.fixture
def inbox(parts: Parts) -> Inbox:
    return Inbox(parts)


def ids(taken: list[tuple[str, AnyHeard]]) -> list[str]:
    return [heard.id for _, heard in taken]


@pytest.mark.parametrize(
    "heard",
    [
        words(text="adhoc staging web1 shell 'echo é'"),
        Said(id="1.2.a", user="U1", place=Place(channel="D1", direct=True), trigger="1.2.a",
             respond="https://hooks.example/1", text="", how="slash"),
        Clicked(id="1.2.b", user="U1", place=OPS, button="cancel", value="job-1", ts="1.000001"),
        Submitted(id="1.2.c", user="U1", place=Place(channel=""), form="run", carried="C1",
                  values={"hosts": ["web1", "web2"], "serial": None, "tag": "v1.2"}),
    ],
)  # fmt: skip
def test_what_is_put_comes_out_as_it_was(inbox: Inbox, heard: AnyHeard) -> None:
    inbox.put(heard)

    ((_, out),) = inbox.take("a", 1.0)

    assert out == heard


def test_things_come_in_the_order_in_which_they_were_put(inbox: Inbox) -> None:
    for number in range(5):
        inbox.put(words(f"Ev{number}"))

    assert ids(inbox.take("a", 1.0, most=10)) == [f"Ev{number}" for number in range(5)]


def test_what_is_delivered_twice_is_kept_once_also_when_it_is_done(inbox: Inbox) -> None:
    inbox.put(words())
    inbox.put(words(text="another delivery of it"))
    ((entry, _),) = inbox.take("a", 1.0, most=10)
    inbox.done(entry)

    inbox.put(words())

    assert inbox.take("a", 0.01) == []
    assert inbox.waiting() == 0


def test_each_thing_goes_to_one_consumer(inbox: Inbox) -> None:
    for number in range(4):
        inbox.put(words(f"Ev{number}"))

    taken = [name for each in ("a", "b", "a", "b") for name in ids(inbox.take(each, 1.0))]

    assert sorted(taken) == ["Ev0", "Ev1", "Ev2", "Ev3"]


def test_nothing_comes_where_nothing_was_put(inbox: Inbox) -> None:
    assert inbox.take("a", 0.01) == []


def test_what_a_killed_worker_had_taken_is_taken_over(
    redis_server: RedisServer, parts: Parts, prefix: str
) -> None:
    inbox = Inbox(parts, idle=0.3)
    inbox.put(words())
    with subprocess.Popen(
        [sys.executable, "-c", A_WORKER, redis_server.url, prefix], stdout=subprocess.PIPE
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"Ev1\n"
        os.kill(worker.pid, signal.SIGKILL)

    taken = eventually(lambda: inbox.take("another", 0.1))

    assert ids(taken) == ["Ev1"]


def test_the_dead_are_forgotten_but_for_what_they_hold(parts: Parts, prefix: str) -> None:
    inbox = Inbox(parts, forget=0.05)
    inbox.put(words())
    inbox.take("holds", 1.0)
    for number in range(5):
        inbox.take(f"died {number}", 0.01)

    def names() -> set[bytes]:
        inbox.take_over("lives", idle=30.0)
        found = parts.redis.xinfo_consumers(f"{prefix}chat:inbox", "workers")
        return {each["name"] for each in found}

    eventually(lambda: names() <= {b"holds", b"lives"})
    assert ids(inbox.take_over("lives", idle=0.0)) == ["Ev1"]


def test_what_another_works_on_is_not_taken_over(parts: Parts) -> None:
    inbox = Inbox(parts)
    inbox.put(words())
    inbox.take("a", 1.0)

    assert inbox.take_over("b", idle=30.0) == []
    assert inbox.take("b", 0.01) == []


def test_who_knows_that_it_is_alone_takes_over_at_once(inbox: Inbox) -> None:
    inbox.put(words())
    inbox.take("the one before", 1.0)

    assert ids(inbox.take_over("the holder of the lease", idle=0.0)) == ["Ev1"]


def test_what_is_held_is_not_idle(inbox: Inbox) -> None:
    inbox.put(words())
    ((entry, _),) = inbox.take("a", 1.0)

    def idle() -> float:
        (pending,) = inbox._redis.xpending_range(inbox._stream, "workers", "-", "+", 1)
        return float(pending["time_since_delivered"])

    eventually(lambda: idle() >= 200)
    inbox.hold("a", entry)

    assert idle() < 200


def test_what_kills_every_worker_is_dropped(inbox: Inbox, caplog: pytest.LogCaptureFixture) -> None:
    inbox.put(words())
    inbox.take("worker 0", 1.0)
    for number in range(1, TRIES):
        assert ids(inbox.take_over(f"worker {number}", idle=0.0)) == ["Ev1"]

    assert inbox.take_over("the next one", idle=0.0) == []
    assert inbox.waiting() == 0
    assert "never done" in caplog.text


@pytest.mark.parametrize("content", [b"{", b'{"kind": "sung", "id": "x"}', b"\xff", b""])
def test_an_entry_that_nobody_can_read_is_dropped_and_told(
    inbox: Inbox, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    inbox.put(words("before"))
    inbox._redis.xadd(inbox._stream, {"heard": content})
    inbox.put(words("after"))

    with caplog.at_level(logging.ERROR):
        taken = inbox.take("a", 1.0, most=10)

    assert ids(taken) == ["before", "after"]
    assert inbox.waiting() == 2
    assert "nobody can read" in caplog.text


def test_a_full_inbox_takes_no_more_until_something_is_done(parts: Parts) -> None:
    inbox = Inbox(parts, bound=2)
    inbox.put(words("Ev1"))
    inbox.put(words("Ev2"))

    with pytest.raises(Unavailable, match="2 things wait"):
        inbox.put(words("Ev3"))

    ((entry, _),) = inbox.take("a", 1.0)
    inbox.done(entry)
    inbox.put(words("Ev3"))
    assert inbox.waiting() == 2


def test_the_memory_of_an_id_ends(inbox: Inbox) -> None:
    inbox.put(words())

    assert 3500 < inbox._redis.ttl(inbox._seen + "Ev1") <= 3600


class TestWithARedisThatGoes:
    @pytest.fixture
    def own(self) -> Iterator[RedisServer]:
        with short_folder("inbox") as folder:
            server = RedisServer(folder).start()
            yield server
            server.stop()

    @pytest.fixture
    def open_inbox(self, own: RedisServer, prefix: str) -> Callable[[], Inbox]:
        return lambda: Inbox(parts_of(own.url, prefix))

    def test_it_says_so_and_what_was_put_is_there_again(
        self, own: RedisServer, open_inbox: Callable[[], Inbox]
    ) -> None:
        inbox = open_inbox()
        inbox.put(words())
        own.kill()
        with pytest.raises(Unavailable, match="Redis"):
            inbox.put(words("Ev2"))
        with pytest.raises(Unavailable, match="Redis"):
            inbox.take("a", 0.1)

        own.restart()

        assert ids(inbox.take("a", 1.0)) == ["Ev1"]

    def test_an_emptied_one_is_used_on(
        self, own: RedisServer, open_inbox: Callable[[], Inbox]
    ) -> None:
        inbox = open_inbox()
        inbox.put(words())
        inbox.take("a", 1.0)
        inbox._redis.flushall()

        inbox.put(words("Ev2"))

        assert ids(inbox.take("a", 1.0)) == ["Ev2"]
