"""Fifty puts in a burst, and twenty changes under full load: reloads, and requests that failed."""

import re
import subprocess
import time

from bench.measure import Figure, keep, percentile
from bench.proxy_stage import CHECKED, IDLE, Scene, scene
from support.haproxy import HttpBackend

PUTS, BURSTS, CHANGES, LOAD = 50, 10, 20, 12


def main() -> None:
    with scene(3) as stage, stage.follower():
        before = stage.reloads
        lasts = [burst(stage, number) for number in range(BURSTS)]
        reloads = stage.reloads - before
        failed, requests = under_load(stage)
    keep(
        "burst",
        Figure(what=f"reloads in {BURSTS} bursts of {PUTS} puts", value=reloads,
               unit="reloads", limit=0),
        Figure(what=f"the last of {PUTS} puts is live after, p50",
               value=percentile(lasts, 0.5) * 1000, unit="ms", limit=60),
        Figure(what=f"failed requests of {requests} during {CHANGES} changes",
               value=failed, unit="requests", limit=0),
    )  # fmt: skip


def burst(stage: Scene, number: int) -> float:
    """Seconds from the end of the last put to the first request that its server serves."""
    server = HttpBackend(f"last{number}").start()
    for each in range(PUTS - 1):
        stage.put(f"b{number}x{each:02}", IDLE)
    stage.put(server.name, server.address + CHECKED)
    began = time.perf_counter()
    stage.wait_for(server.name)
    taken = time.perf_counter() - began
    for name in (*(f"b{number}x{each:02}" for each in range(PUTS - 1)), server.name):
        stage.delete(name)
    stage.wait_until_gone(server.name)
    server.stop()
    return taken


def under_load(stage: Scene) -> tuple[int, int]:
    """wrk with kept connections at full speed, while servers come and go."""
    servers = [HttpBackend(f"w{number}").start() for number in range(4)]
    for server in servers[:3]:
        stage.put(server.name, server.address + CHECKED)
        stage.wait_for(server.name)
    command = ["wrk", "-t1", "-c16", f"-d{LOAD}s", f"http://127.0.0.1:{stage.port}/"]
    wrk = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for number in range(CHANGES):
        time.sleep(LOAD / (CHANGES + 4))
        if number % 2:
            stage.delete(servers[3].name)
        else:
            stage.put(servers[3].name, servers[3].address + CHECKED)
    told, _ = wrk.communicate(timeout=60)
    for server in servers:
        stage.delete(server.name)
        stage.wait_until_gone(server.name)
        server.stop()
    return count(told)


def count(told: str) -> tuple[int, int]:
    """wrk's own words: requests that failed, and all of them."""
    requests = re.search(r"(\d+) requests in", told)
    other = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    errors = re.search(r"connect (\d+), read (\d+), write (\d+), timeout (\d+)", told)
    assert requests is not None, told
    failed = int(other[1]) if other else 0
    failed += sum(map(int, errors.groups())) if errors else 0
    return failed, int(requests[1])


if __name__ == "__main__":
    main()
