"""What two threads make of events and answers that cross each other, in any order."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bootstrapper.fleet.docker.inspected import Actor, Container, Event, Listed
from bootstrapper.fleet.docker.known import Answer, Known
from bootstrapper.fleet.values import Signal
from fleet.docker.inspections import WAYS, inspected
from fleet.docker.listener import Listener

ONE = "1" * 64


def event(action: str, container: str = ONE, **attributes: str) -> Event:
    return Event(type="container", action=action, actor=Actor(id=container, attributes=attributes))


def one(life: int = 1, *, port: int = 8000, **more: Any) -> Container:
    """`life`: how often it was started."""
    started = f"2026-11-24T10:00:{life:02}Z"
    given = {"name": "/one", "container": ONE, **more}
    return inspected({"80/tcp": port}, StartedAt=started, **given)


def line(container: Container | None = None, **more: Any) -> Listed:
    ports: list[dict[str, Any]] = [
        {"IP": ip, "PrivatePort": 80, "PublicPort": 8000, "Type": "tcp"} for ip in ("0.0.0.0", "::")
    ]
    container = container or one()
    told = {
        "Id": container.id, "Names": [container.name], "State": "running",
        "Status": "Up 3 seconds", "Ports": ports,
        "NetworkSettings": {"Networks": {"bridge": {"IPAddress": "172.17.0.2"}}}, **more,
    }  # fmt: skip
    return msgspec.convert(told, Listed)


class Docker:
    """A `Known`, and the looks of its loop."""

    def __init__(self) -> None:
        self.listener = Listener()
        self.known = Known(WAYS, self.listener)
        self.known.begin()

    def look(self, *running: Container) -> list[str]:
        """The names of those that had to be inspected."""
        asked = self.known.latest()
        listed = [line(each) for each in running]
        unknown = self.known.unknown(listed)
        by_id = {each.id: each for each in running}
        answers = {name: Answer(asked=asked, container=by_id[name]) for name in unknown}
        self.known.take(asked, listed, answers)
        return [by_id[name].title for name in unknown]

    @property
    def shown(self) -> dict[str, str]:
        return self.listener.shown


UP, DRAINING = {"one:80": "redis up"}, {"one:80": "redis draining"}


def test_before_the_first_list_nothing_is_said() -> None:
    docker = Docker()
    for action in ("start", "pause", "kill", "die", "destroy"):
        docker.known.hear(event(action, signal="9"))

    assert docker.listener.told == []
    docker.look()
    assert docker.listener.told == [({}, Signal.REGISTERED)]


def test_only_what_is_new_or_changed_is_inspected() -> None:
    docker = Docker()
    two = one(container="2" * 64, name="/two")

    assert docker.look(one(), two) == ["one", "two"]
    assert docker.look(one(), two) == []
    docker.known.hear(event("unpause"))
    assert docker.look(one(), two) == ["one"]
    assert docker.look(one(), two) == []
    docker.known.begin()
    assert docker.look(one(), two) == ["one", "two"]


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ({"Status": "Up 4 days"}, False),
        ({"Ports": "reversed"}, False),
        ({"Status": "Up 4 days (unhealthy)"}, True),
        ({"State": "paused", "Status": "Up 3 seconds (Paused)"}, True),
        ({"Names": ["/other"]}, True),
        ({"Ports": []}, True),
        ({"NetworkSettings": {"Networks": {"bridge": {"IPAddress": "172.17.0.3"}}}}, True),
    ],
)
def test_what_a_list_shows_of_a_change(changed: dict[str, Any], again: bool) -> None:
    docker = Docker()
    docker.look(one())
    if changed.get("Ports") == "reversed":
        changed = {"Ports": list(reversed(msgspec.to_builtins(line().ports)))}

    assert docker.known.unknown([line(**changed)]) == ([ONE] if again else [])


def test_an_answer_from_before_a_death_is_not_believed() -> None:
    docker = Docker()
    docker.look()
    asked = docker.known.latest()
    listed = [line()]
    docker.known.hear(event("die"))
    docker.known.take(asked, listed, {ONE: Answer(asked=asked, container=one())})

    assert docker.shown == {}
    docker.known.hear(event("start"))
    assert docker.look(one(2)) == ["one"]
    assert docker.shown == UP


def test_one_that_started_after_the_list_was_made_is_not_gone() -> None:
    docker = Docker()
    docker.look(one())
    asked = docker.known.latest()
    docker.known.hear(event("start"))
    docker.known.take(asked, [], {})

    assert docker.shown == UP


def test_a_death_that_nobody_heard_is_seen_in_the_list() -> None:
    docker = Docker()
    docker.look(one())
    docker.look()

    assert docker.listener.told[-1] == ({}, Signal.DOCKER_DIE)


def test_sigkill_counts_though_the_list_still_has_it() -> None:
    docker = Docker()
    docker.look(one())
    docker.known.hear(event("kill", signal="9"))

    assert docker.listener.told[-1] == ({}, Signal.DOCKER_DIE)
    docker.look(one())
    docker.look(one())
    assert docker.shown == {}
    docker.look(one(2))
    assert docker.shown == UP


@pytest.mark.parametrize("number", ["15", "3"])
def test_a_stop_drains_that_life_alone(number: str) -> None:
    docker = Docker()
    config = msgspec.structs.replace(one().config, stop_signal="SIGQUIT")
    docker.look(msgspec.structs.replace(one(), config=config))
    docker.known.hear(event("kill", signal=number))
    docker.look(one())

    assert docker.shown == DRAINING
    assert docker.listener.signals[-1] is Signal.DOCKER_STOP
    docker.look(one(2))
    assert docker.shown == UP


def test_other_signals_are_for_the_program() -> None:
    docker = Docker()
    docker.look(one())
    for number in ("1", "10", "HUP", "", "x"):
        docker.known.hear(event("kill", signal=number))

    assert docker.shown == UP


STEPS = ("start", "die", "9", "15", "pause", "unpause", "rename", "hear", "list", "take")


class World:
    """Containers that come and go, events on their way, and a look that takes its time."""

    def __init__(self) -> None:
        self.docker = Docker()
        self.running: dict[str, Container] = {}
        self.underway: list[Event] = []
        self.life = 0
        self.look: tuple[int, Sequence[Listed], dict[str, Answer]] | None = None

    def step(self, what: str, name: str) -> None:
        known, now = self.docker.known, self.running.get(name)
        match what:
            case "start" if now is None:
                self.life += 1
                self.running[name] = one(self.life % 60, container=name, name=f"/{name}")
                self.underway.append(event("start", name))
            case "die" if now:
                del self.running[name]
                self.underway.append(event("die", name))
            case "9" | "15" if now:
                self.underway.append(event("kill", name, signal=what))
                self.step("die", name)
            case "pause" | "unpause" if now:
                state = msgspec.structs.replace(now.state, paused=what == "pause")
                self.running[name] = msgspec.structs.replace(now, state=state)
                self.underway.append(event(what, name))
            case "rename" if now:
                self.running[name] = msgspec.structs.replace(now, name=f"{now.name}x")
                self.underway.append(event(what, name))
            case "hear" if self.underway:
                known.hear(self.underway.pop(0))
            case "list":
                asked = known.latest()
                listed = [line(each) for each in self.running.values()]
                self.look = asked, listed, {}
                for each in known.unknown(listed):
                    answer = Answer(asked=known.latest(), container=self.running.get(each))
                    self.look[2][each] = answer
            case "take" if self.look:
                known.take(*self.look)
                self.look = None

    def settle(self) -> None:
        """All that is under way arrives, and a look has nothing beside it."""
        while self.underway:
            self.step("hear", "")
        self.step("list", "")
        self.step("take", "")


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from("ab")), max_size=30))
def test_whatever_crosses_whatever_the_end_is_true(steps: list[tuple[str, str]]) -> None:
    world = World()
    for name in "ab":
        world.step("start", name)
    world.settle()
    for what, name in steps:
        world.step(what, name)
    world.settle()

    assert world.docker.shown == {
        f"{each.title}:80": "redis draining" if each.state.paused else "redis up"
        for each in world.running.values()
    }
