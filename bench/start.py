"""A container is started under load: from its first good health check to its first request.

Its server refuses `/health` for a while, and notes by itself when it first said yes, and when it
first served something else.
"""

import time
from contextlib import ExitStack
from pathlib import Path

from bench.measure import Figure, keep, percentile
from support.eventually import eventually
from support.fleet import Stage, stage
from support.machine_docker import MachineDocker, docker_settings

CROWD, ROUNDS = 3, 16
UNWELL = 0.3  # seconds of its life in which it is not healthy yet


def main() -> None:
    with ExitStack() as stack:
        made = stack.enter_context(stage())
        docker = MachineDocker(
            made.add("one", {"fleet": docker_settings(made.folder / "one")})
        ).start()
        stack.callback(docker.close)
        docker.machine.watch()
        made.becomes(*(docker.run(f"web{n}") for n in range(CROWD)))
        with made.load() as load:
            found = [measure(made, docker, f"new{n}") for n in range(ROUNDS)]
        requests, failures = len(load.requests()), load.failures()
    keep(
        "start",
        Figure(
            what="container's health check first passes → first request, p50",
            value=percentile(found, 0.5) * 1000, unit="ms", limit=60,
            note=f"p95 {percentile(found, 0.95) * 1000:.3g} ms",
        ),
        Figure(
            what=f"requests failing at 400/s while {ROUNDS} containers are started and stopped",
            value=len(failures), unit=f"of {requests}", limit=0,
            note="; ".join(each.error for each in failures[:3]),
        ),
    )  # fmt: skip


def measure(made: Stage, docker: MachineDocker, name: str) -> float:
    file = docker.folder / name
    before = made.published()
    docker.run(name, words=(f"/out/{name}", str(UNWELL)))
    eventually(lambda: len(moments(file)) == 2, within=20, what=f"{name} serves")
    told = moments(file)
    docker.stop(name)
    made.becomes(*before)
    docker.docker("rm", "-f", name)
    time.sleep(0.2)
    return told["served"] - told["health"]


def moments(file: Path) -> dict[str, float]:
    """What the server noted: health and served, monotonic times."""
    lines = file.read_text().splitlines() if file.exists() else []
    return {what: float(at) for what, _, at in (line.partition(" ") for line in lines)}


if __name__ == "__main__":
    main()
