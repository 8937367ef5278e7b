"""A fleet in memory for tests of the judge: real records, real plans, and turns in which they are
written to a dict as the store would have them.
"""

import dataclasses
import itertools
from typing import Any

import msgspec

from bootstrapper.fleet.chronicle import latest
from bootstrapper.fleet.judging.index import Indexer
from bootstrapper.fleet.judging.judge import judge
from bootstrapper.fleet.judging.memory import asked, done, remember
from bootstrapper.fleet.judging.planning import Plan, plan
from bootstrapper.fleet.judging.seen import Memory, Seen
from bootstrapper.fleet.judging.telling import Teller
from bootstrapper.fleet.judging.verdicts import Target, Verdict
from bootstrapper.fleet.layouts import PRESETS, published, published_node
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.reading import fleet_of
from bootstrapper.fleet.records import encode
from bootstrapper.fleet.values import Fleet, Health, Instance, Node, Said, Source
from bootstrapper.kv.store import Put
from bootstrapper.settings.fleet import Brakes

LAYOUTS = (*PRESETS["services"], *PRESETS["2015"])
PATHS = Paths()
LONG_AGO = 1_000.0


class World:
    """`silent`: nodes and targets whose ports do not accept; `brakes` as in the settings."""

    def __init__(self, **brakes: Any) -> None:
        self.brakes = Brakes(**{"learn": 0.0, **brakes})
        self.values: dict[str, str] = {}
        self.members: dict[str, str] | None = None
        self.silent: set[str] = set()
        self.down: frozenset[str] = frozenset()
        self.now = 1_000_000.0
        self.memory = Memory(began=0.0)
        self.asked: list[str] = []
        self.revision = 1
        self._ids = (f"{number:08}" for number in itertools.count())
        self._last: dict[str, str] = {}
        self._read: tuple[dict[str, str], Fleet] | None = None
        self._indexer = Indexer(LAYOUTS, PATHS.prefix)

    @property
    def moment(self) -> float:
        return self.now - 900_000.0

    @property
    def fleet(self) -> Fleet:
        if self._read is None or self._read[0] != self.values:
            self._read = dict(self.values), fleet_of(self.values, PATHS, self.revision)
        return self._read[1]

    @property
    def views(self) -> dict[str, str]:
        return {k: v for k, v in self.values.items() if not k.startswith(PATHS.prefix)}

    def events(self) -> list[Any]:
        found = [
            v for k, v in sorted(self.values.items()) if k.startswith(f"{PATHS.prefix}events/")
        ]
        return [msgspec.json.decode(each) for each in found]

    def node(
        self, name: str, *services: str, cluster: str = "main", alive: bool = True,
        source: Any = "watch",
    ) -> None:  # fmt: skip
        """With one instance of each service, all of them passing and shown."""
        number = len(self.fleet.nodes) + 1
        address = f"10.0.0.{number}"
        node = Node(name=name, address=address, since=LONG_AGO, cluster=cluster, source=source)
        shown = published_node(LAYOUTS, node, alive=True)
        node = msgspec.structs.replace(node, keys=tuple(shown))
        self.values |= {PATHS.node(name): encode(node), **shown}
        for service in services:
            self.instance(name, service, address, port=8000 + number)
        if alive:
            self.comes(name)

    def instance(
        self, node: str, service: str, address: str, *, port: int,
        health: Health = Health.PASSING, suffix: str = "", source: Source = "static",
    ) -> str:  # fmt: skip
        made = Instance(
            service=service, id=f"{node}:{service}{suffix}", node=node, address=address, port=port,
            since=LONG_AGO, cluster="main", health=health, host=node, source=source,
        )  # fmt: skip
        shown = published(LAYOUTS, made, serves=True)
        made = msgspec.structs.replace(made, keys=tuple(shown))
        serves = published(LAYOUTS, made, serves=health is Health.PASSING)
        self.values |= {PATHS.instance(node, made.id): encode(made), **serves}
        return made.key

    def comes(self, *names: str) -> None:
        for name in names:
            self.values[PATHS.alive(name)] = "1"
            self.silent.discard(name)

    def goes(self, *names: str, silent: bool = True) -> None:
        """Their leases run out; cut off, or only their watches died."""
        for name in names:
            self.values.pop(PATHS.alive(name), None)
            if silent:
                self.silent.add(name)

    def says(self, node: str, event: Any, address: str = "10.9.9.9") -> None:
        said = Said(node=node, event=event, address=address, at=self.now, by="other")
        self.values[PATHS.said(node)] = encode(said)

    def seen(self, answers: dict[str, bool] | None = None) -> Seen:
        self.revision += 1
        fleet = self.fleet
        index = self._indexer.index(fleet, self.values, self.revision)
        self.memory = remember(
            self.memory, fleet, self.members, index.differs, self.brakes.window, self.moment
        )
        return Seen(
            fleet=fleet, values=self.values, index=index, paths=PATHS, brakes=self.brakes,
            memory=self.memory, now=self.now, moment=self.moment, members=self.members,
            answers=answers or {}, down=self.down,
        )  # fmt: skip

    def judged(self) -> tuple[Verdict, ...]:
        """What a turn finds; ports are asked where they must be."""
        seen = self.seen()
        found = judge(seen)
        if found.ask:
            answers = {each.name: self._accepts(each) for each in found.ask}
            self.asked += [each.name for each in found.ask]
            self.memory = asked(self.memory, {each.node for each in found.ask}, self.moment)
            found = judge(dataclasses.replace(seen, answers=answers, memory=self.memory))
            assert not found.ask
        return found.verdicts

    def turn(self, after: float = 0.0) -> tuple[Verdict, ...]:
        """A turn after so many seconds: what it found, written."""
        self.now += after
        verdicts = self.judged()
        seen = self.seen()
        teller = Teller("leader", self._last, lambda: next(self._ids))
        plans = [plan(each, seen, LAYOUTS, teller) for each in verdicts]
        for verdict, made in zip(verdicts, plans, strict=True):
            self.write(made)
            self._last |= latest(made.events)
            self.memory = done(self.memory, verdict, self.moment)
        return verdicts

    def turns(self, seconds: float) -> list[Verdict]:
        """One a second."""
        return [each for _ in range(int(seconds)) for each in self.turn(1.0)]

    def write(self, made: Plan) -> None:
        for key, write in made.writes.items():
            if isinstance(write, Put):
                self.values[key] = write.value
            else:
                self.values.pop(key, None)

    def _accepts(self, target: Target) -> bool:
        return not {target.node, target.name} & self.silent


def three(**brakes: Any) -> World:
    """a, b and c, each with a copy of web."""
    world = World(**brakes)
    for name in "abc":
        world.node(name, "web")
    return world


def many(count: int, **brakes: Any) -> World:
    world = World(**brakes)
    for number in range(count):
        world.node(f"n{number:02}", "web")
    return world
