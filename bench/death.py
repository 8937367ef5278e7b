"""Containers are killed with -9 under load: until their key is gone, and HAProxy sends no more.

Beside it the pipeline of 2015: a serf agent in each container, and a handler that deletes keys.
"""

import os
import signal
import time
from contextlib import ExitStack

from bench.measure import Figure, keep, percentile
from bench.observer import observed
from bench.pipeline2015 import Pipeline2015
from support.fleet import WEB, Stage, stage
from support.machine_docker import CHECKED, MachineDocker, docker_settings

LEFT = 3
"""Containers that stay."""
KILLED = 24
APART = 8
"""Every eighth of them, and all that stay, have an agent and a key of the old pipeline."""
SETTINGS = {**CHECKED, "SERVICE_CHECK_INTERVAL": "1s"}
BREATH = 0.4  # seconds between two kills
AGENT = ("/usr/bin/serf", "agent", "-rpc-addr", "127.0.0.1:7373", "-profile", "lan")


def main() -> None:
    with ExitStack() as stack:
        made = stack.enter_context(stage())
        docker = MachineDocker(
            made.add("one", {"fleet": docker_settings(made.folder / "one")})
        ).start()
        stack.callback(docker.close)
        peer = Pipeline2015(made.folder, made.etcd).start()
        stack.callback(peer.stop)
        docker.machine.serf((), *peer.flags)
        docker.machine.watch()
        addresses = populate(docker, peer)
        made.becomes(*addresses.values(), within=60)
        measure(made, docker, peer, addresses)


def populate(docker: MachineDocker, peer: Pipeline2015) -> dict[str, str]:
    """Name → address; those that will be killed come first."""
    addresses = {f"web{n}": docker.run(f"web{n}", SETTINGS) for n in range(KILLED + LEFT)}
    for name in (*old_ones(), *list(addresses)[KILLED:]):
        join = ("-node", name, "-join", docker.machine.address)
        docker.docker("exec", "-d", name, *AGENT, *join)
        peer.put(name, addresses[name])
    return addresses


def old_ones() -> list[str]:
    return [f"web{n}" for n in range(0, KILLED, APART)]


def measure(
    made: Stage, docker: MachineDocker, peer: Pipeline2015, addresses: dict[str, str]
) -> None:
    keys: list[float] = []
    proxies: list[float] = []
    moments: dict[str, float] = {}
    with observed(made, WEB) as observer, made.load() as load:
        for name in list(addresses)[:KILLED]:
            pid = docker.pid(name)
            time.sleep(BREATH)
            moments[name] = time.monotonic()
            os.kill(pid, signal.SIGKILL)
            keys.append(observer.wait("key", addresses[name], False, moments[name]))
            proxies.append(observer.wait("proxy", addresses[name], False, moments[name]))
        handlers = [peer.wait(name, moments[name]) for name in old_ones()]
        requests, failures = len(load.requests()), load.failures()
    old = "then up to 10 s of confd"
    keep(
        "death",
        _milliseconds("container killed → key gone, p50", keys, 0.5, 60.0, handlers),
        _milliseconds("container killed → key gone, p95", keys, 0.95, 150.0, handlers),
        _milliseconds(
            "container killed → HAProxy sends no more, p50", proxies, 0.5, 100.0, handlers, old
        ),
        Figure(
            what=f"requests failing at 400/s while {KILLED} containers are killed",
            value=len(failures), unit=f"of {requests}", limit=0,
            note="option redispatch, one retry" + "".join(f"; {e.error}" for e in failures[:3]),
        ),
    )  # fmt: skip


def _milliseconds(
    what: str, found: list[float], share: float, limit: float, peer: list[float], note: str = ""
) -> Figure:
    ours, theirs = percentile(found, share) * 1000, percentile(peer, share) * 1000
    return Figure(what=what, value=ours, unit="ms", limit=limit, ours=ours, peer=theirs, note=note)


if __name__ == "__main__":
    main()
