"""Rounds of `kill -9` through a whole fleet under load, and how long until the keys are true again.

What is killed comes back as a supervisor would bring it back; a container comes back as another
one, at another port, or not at all.
"""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from support.eventually import eventually
from support.fleet import SERF, WATCH, Stage, stage
from support.machine_docker import MachineDocker, docker_settings
from support.processes import alive

PORT = 8080
RPC = "127.0.0.1:7373"
STATIC = {"service": "web", "port": PORT, "check_http": "/health", "interval": 0.2}
BRAKES = {"flaps": 0}
"""Who is killed a hundred times would be kept out, and rightly."""
VICTIMS = ("serf", "watch", "container", "server", "etcd")
AWAY = (0.0, 0.0, 0.0, 0.5, 3.0)
"""Seconds until a supervisor brings them back; after the longest their leases are gone."""
STAYS = 0.2
"""Seconds for which the keys must be true in a row."""
CONTAINERS = range(2, 5)
"""How many there are between the rounds."""


class Round(NamedTuple):
    """`killed`: whom. `seconds`: after its last step, until the keys were true."""

    number: int
    killed: tuple[str, ...]
    seconds: float


class Mayhem:
    """One machine with Docker, two with a server of their own, and three members of etcd."""

    def __init__(self, made: Stage, seed: int) -> None:
        self.stage = made
        self.dice = random.Random(seed)
        self.rounds: list[Round] = []
        self._named = 0
        self._pause = threading.Event()
        self._addresses: dict[str, str] = {}
        self._pids: dict[str, int] = {}
        own = docker_settings(made.folder / "one")
        self._docker = MachineDocker(made.add("one", {"fleet": {**own, **_of_fleet()}}))
        self._servers = [
            made.add(name, {"fleet": {"services": (STATIC,), **_of_fleet()}})
            for name in ("two", "three")
        ]

    def start(self) -> "Mayhem":
        self._docker.start()
        for machine in self._servers:
            machine.server(machine.name, PORT)
        self.stage.serf()
        for machine in self.stage.machines.values():
            machine.watch()
        self._run(CONTAINERS.start + 1)
        self.stage.becomes(*self.truth())
        return self

    def truth(self) -> set[str]:
        """What serves, as the processes tell: Docker says so a moment later."""
        found = {self._addresses[name] for name in self._living()}
        return found | {
            f"{each.address}:{PORT}" for each in self._servers if each.running.alive(each.name)
        }

    def round(self, within: float) -> Round:
        """Kill one to three of them in any order, bring back what comes back, and wait."""
        victims = self.dice.sample(VICTIMS, self.dice.randint(1, 3))
        mending = [getattr(self, f"_kill_{victim}")() for victim in victims]
        self.dice.shuffle(mending)
        self._pause.wait(self.dice.choice(AWAY))
        for mend in mending:
            mend()
        told = f"round {len(self.rounds)}: {', '.join(victims)} killed"
        seconds = self._true_again(within, told)
        self.rounds.append(Round(len(self.rounds), tuple(victims), seconds))
        return self.rounds[-1]

    def _true_again(self, within: float, told: str) -> float:
        """Seconds until the keys are the truth, and stay so for a while."""
        began = time.monotonic()
        since = 0.0

        def true() -> bool:
            nonlocal since
            keys, wanted = self.stage.published(), self.truth()
            now = time.monotonic()
            since = (since or now) if keys == wanted else 0.0
            assert keys == wanted, f"{told}: keys {sorted(keys)}, truth {sorted(wanted)}"
            return now - since >= STAYS

        eventually(true, within=within + STAYS, what=f"{told}: the keys stay true")
        return since - began

    def close(self) -> None:
        self._docker.close()

    def _kill_serf(self) -> Callable[[], None]:
        machine = self.dice.choice(list(self.stage.machines.values()))
        machine.running.kill(SERF)
        return partial(self.stage.serf, machine)

    def _kill_watch(self) -> Callable[[], None]:
        machine = self.dice.choice(list(self.stage.machines.values()))
        machine.running.kill(WATCH)
        return machine.watch

    def _kill_server(self) -> Callable[[], None]:
        machine = self.dice.choice(self._servers)
        machine.running.kill(machine.name)
        return partial(machine.server, machine.name, PORT)

    def _kill_etcd(self) -> Callable[[], None]:
        member = self.dice.randrange(len(self.stage.etcd.urls))
        self.stage.etcd.kill(member)
        return partial(self._start_etcd, member)

    def _start_etcd(self, member: int) -> None:
        self.stage.etcd.start(member)

    def _kill_container(self) -> Callable[[], None]:
        left = self._living()
        os.kill(self._pids[self.dice.choice(left)], signal.SIGKILL)
        wanted = self.dice.choice(CONTAINERS)
        return partial(self._run, wanted - len(left) + 1)

    def _run(self, count: int) -> None:
        for _ in range(count):
            self._run_one()

    def _run_one(self) -> None:
        name = f"web{self._named}"
        self._named += 1
        self._addresses[name] = self._docker.run(name)
        self._pids[name] = self._docker.pid(name)

    def _living(self) -> list[str]:
        """Names of containers whose first process runs."""
        return [name for name, pid in self._pids.items() if alive(pid)]


def _of_fleet() -> dict[str, object]:
    return {"serf": {"rpc": RPC}, "brakes": BRAKES}


@contextmanager
def mayhem(seed: int) -> Iterator[Mayhem]:
    with stage(members=3) as made:
        begun = Mayhem(made, seed)
        try:
            yield begun.start()
        finally:
            begun.close()
