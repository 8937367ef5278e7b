"""`bootstrapper join`, with a real store and real agents."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bootstrapper import settings as settings_file
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.records import encode
from bootstrapper.fleet.values import Node
from bootstrapper.kv.open import open_store
from bootstrapper.kv.store import Keys
from support.eventually import eventually
from support.redis import RedisServer
from support.serf import Agent, Agents


class Machine:
    """Settings, and whatever is asked of the command line with them."""

    def __init__(self, folder: Path, redis: RedisServer, agent: Agent, prefix: str) -> None:
        self.file = folder / "bootstrapper.toml"
        self.file.write_text(
            f'state = "{folder}"\n[redis]\nurl = "{redis.url}"\nprefix = "{prefix}:"\n'
            f'[fleet]\nlayouts = ["2015"]\ncluster = "mq"\n'
            f'[fleet.serf]\nrpc = "{agent.rpc_address}"\nauth = {{ env = "SERF_KEY" }}\n'
        )
        self.environ = {
            **os.environ,
            "SERF_KEY": agent.key,
            "BOOTSTRAPPER_SETTINGS": str(self.file),
        }

    def command(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            (sys.executable, "-m", "bootstrapper", *words), env=self.environ, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *words: str) -> tuple[int, str]:
        process = self.command(*words)
        out, err = process.communicate(timeout=60)
        return process.returncode, out + err


@pytest.fixture
def here(agents: Agents) -> Agent:
    return agents.start("here", key="sesame")


@pytest.fixture
def machine(
    tmp_path: Path, redis_server: RedisServer, here: Agent, request: pytest.FixtureRequest
) -> Machine:
    return Machine(tmp_path, redis_server, here, request.node.name)


@pytest.fixture
def store(machine: Machine) -> Keys:
    return open_store(settings_file.load(machine.file))


def sees(agent: Agent, *others: Agent) -> bool:
    with agent.connect() as rpc:
        return set(rpc.members()) == {agent.name, *(each.name for each in others)}


def test_the_first_of_a_cluster_joins_nobody(machine: Machine, store: Keys, here: Agent) -> None:
    store.put(f"/proxy/serf/{here.name}", here.address)

    assert machine.run("join") == (0, "nobody to join: this one is the first\n")


def test_peers_come_from_keys_of_2015(
    machine: Machine, store: Keys, here: Agent, agents: Agents
) -> None:
    there = agents.start("there")
    store.put("/proxy/serf/there", there.address)
    store.put("/proxy/serf/elsewhere", "10.99.0.1:7946")
    store.put("/cluster/mq/127.0.0.1", "member")

    assert machine.run("join", "--json") == (0, '{"joined":1}\n')
    assert sees(here, there)


def test_peers_come_from_the_fleet_and_are_joined_again_when_they_were_lost(
    machine: Machine, store: Keys, here: Agent, agents: Agents
) -> None:
    there = agents.start("there")
    node = Node(name="there", address="127.0.0.1", since=0.0, cluster="mq")
    store.put(Paths().node("there"), encode(node))
    store.put(Paths().alive("there"), "1")
    with machine.file.open("a") as file:
        file.write(f"port = {there.port}\n")
    process = machine.command("join", "mq", "--watch")
    try:
        eventually(lambda: sees(here, there), within=15)
        here.kill()
        here.start()
        eventually(lambda: sees(here, there), within=10)
    finally:
        process.terminate()
        process.communicate(timeout=15)
    assert process.returncode == 0


def test_an_agent_that_is_not_set_or_not_there_is_said_so(machine: Machine, here: Agent) -> None:
    here.kill()
    code, said = machine.run("join")
    assert (code, "does not answer" in said) == (75, True)

    machine.file.write_text(machine.file.read_text().replace(f'rpc = "{here.rpc_address}"\n', ""))
    code, said = machine.run("join")
    assert (code, "fleet.serf.rpc" in said) == (2, True)
