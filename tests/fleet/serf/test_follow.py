"""The members as they are told: at once, whole, and with a word when nobody can tell."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import pairwise

import pytest

from bootstrapper.errors import Error
from bootstrapper.fleet.serf.calls import Record
from bootstrapper.fleet.serf.follow import follow_members, wakes
from bootstrapper.fleet.serf.members import (
    INCARNATION,
    Change,
    Difference,
    Members,
    Status,
    compare,
)
from support.eventually import eventually
from support.serf import Agent, Agents


class Heard:
    def __init__(self) -> None:
        self.looks: list[tuple[float, Members]] = []
        self.outages: list[Error] = []

    def tell(self, members: Members) -> None:
        self.looks.append((time.monotonic(), members))

    def status(self, agent: Agent) -> Status | None:
        member = self.looks[-1][1].get(agent.name) if self.looks else None
        return member.status if member else None

    def changes(self) -> list[Change]:
        looks: list[Members] = [{}, *(members for _, members in self.looks)]
        return [each for a, b in pairwise(looks) for each in compare(a, b)]


@contextmanager
def following(agent: Agent, interval: float = 1.0) -> Iterator[Heard]:
    heard, stop = Heard(), threading.Event()
    loop = partial(
        follow_members, agent.connect, heard.tell, heard.outages.append, stop, interval=interval
    )
    thread = threading.Thread(target=loop)
    thread.start()
    try:
        eventually(lambda: heard.looks, what="the first look")
        yield heard
    finally:
        began = time.monotonic()
        stop.set()
        thread.join(5)
        assert time.monotonic() - began < 1.0


def test_a_log_line_wakes_long_before_the_interval(agents: Agents) -> None:
    here = agents.start("here")
    with following(here, interval=60.0) as heard:
        there = agents.start("there")
        began = time.monotonic()
        there.join(here)
        eventually(lambda: heard.status(there) is Status.ALIVE, within=5)

        assert heard.looks[-1][0] - began < 0.5
        with there.connect() as rpc:
            rpc.leave()
        eventually(lambda: heard.status(there) is Status.LEFT, within=10)


def test_without_any_wake_there_is_a_look_in_every_interval(agents: Agents) -> None:
    with following(agents.start("quiet"), interval=0.1) as heard:
        eventually(lambda: len(heard.looks) > 6, within=3)
        times = [at for at, _ in heard.looks[1:6]]

        assert all(b - a < 0.5 for a, b in pairwise(times))


def test_a_restart_that_serf_does_not_notice_is_seen_by_comparing(agents: Agents) -> None:
    here, there = agents.start("here"), agents.start("there", tags={INCARNATION: "a"})
    there.join(here)
    with following(here, interval=0.2) as heard:
        eventually(lambda: heard.status(there) is Status.ALIVE)
        there.kill()
        there.settings["tags"] = {INCARNATION: "b"}
        there.start().join(here)
        what = eventually(
            lambda: [x.what for x in heard.changes() if x.before and x.name == there.name],
            within=10,
        )

    assert what == [Difference.RESTARTED]


def test_a_kill_is_told_and_so_is_an_outage_of_the_agent_itself(agents: Agents) -> None:
    here, there = agents.start("here"), agents.start("there")
    there.join(here)
    with following(here, interval=60.0) as heard:
        there.kill()
        eventually(lambda: heard.status(there) is Status.FAILED, within=15)
        here.kill()
        eventually(lambda: heard.outages, within=2)
        looks = len(heard.looks)
        here.start()
        eventually(lambda: len(heard.looks) > looks, within=5)

        assert len(heard.outages) == 1
        assert heard.status(here) is Status.ALIVE


def test_an_agent_that_stands_still_is_an_outage(agents: Agents) -> None:
    here = agents.start("here")
    with following(here, interval=0.1) as heard:
        here.freeze()
        eventually(lambda: heard.outages, within=6)
        here.thaw()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"Event": b"member-join"}, True),
        ({"Log": b"2026/01/01 00:00:00 [INFO] serf: EventMemberFailed: web 10.0.0.1"}, True),
        ({"Log": b"[INFO] memberlist: Suspect web has failed, no acks received"}, True),
        ({"Log": b"[INFO] agent.ipc: Accepted client: 127.0.0.1:4711"}, False),
    ],
)
def test_what_wakes(body: dict[str, bytes], expected: bool) -> None:
    assert wakes(Record(1, body)) is expected
