"""Containers at random ports on machines that come and go, behind a HAProxy that follows the keys.

Real Docker, etcd, serf and HAProxy. How long each change takes is the benchmarks' business; that
nobody notices those that are planned is this one's.
"""

import time
from collections.abc import Iterator

import pytest

from support.fleet import Machine, Stage, stage
from support.load import Load
from support.machine_docker import MachineDocker, docker_settings


class Scene:
    """Two machines with Docker and one without, so that two of three still see each other."""

    def __init__(self, made: Stage) -> None:
        self.stage = made
        self.docker: dict[str, MachineDocker] = {}
        for name in ("one", "two"):
            self.docker[name] = MachineDocker(self._add(name)).start()
        self._add("three")
        made.serf()
        for machine in made.machines.values():
            machine.watch()

    def _add(self, name: str) -> Machine:
        docker = docker_settings(self.stage.folder / name) if name != "three" else {}
        return self.stage.add(name, {"fleet": {"serf": {"rpc": "127.0.0.1:7373"}, **docker}})

    def close(self) -> None:
        for each in self.docker.values():
            each.close()


@pytest.fixture
def scene() -> Iterator[Scene]:
    with stage() as made:
        scene = Scene(made)
        try:
            yield scene
        finally:
            scene.close()


def failed_while(load: Load, since: float) -> list[str]:
    return [each.error for each in load.failures(since)]


def test_the_proxy_is_right_whatever_becomes_of_the_containers(scene: Scene) -> None:
    made, (one, two) = scene.stage, scene.docker.values()
    killed, stopped, cut = one.run("killed"), one.run("stopped"), two.run("cut")
    made.becomes(killed, stopped, cut)

    with made.load() as load:
        since = time.monotonic()
        started = one.run("started")
        made.becomes(killed, stopped, cut, started)
        one.stop("stopped")
        made.becomes(killed, cut, started)
        assert failed_while(load, since) == []

        one.kill("killed")
        made.becomes(cut, started)
        two.machine.link.cut()
        made.becomes(started)
        since = time.monotonic()
        two.machine.link.heal()
        made.becomes(started, cut)

    assert failed_while(load, since) == []
    assert load.served_by() == {"killed", "stopped", "cut", "started"}
