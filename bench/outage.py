"""Eight seconds without etcd: what the follower's processor time comes to meanwhile."""

import os
import time
from pathlib import Path

from bench.measure import Figure, keep
from bench.proxy_stage import PEER, Scene, scene

AWAY = 8.0  # seconds


def main() -> None:
    with scene(3) as stage:
        ours = measure(stage, "")
        peer = measure(stage, PEER) if PEER else None
    keep(
        "outage",
        Figure(what="processor time in 8 s without etcd", value=ours, unit="s", limit=0.2,
               ours=ours, peer=peer),
    )  # fmt: skip


def measure(stage: Scene, peer: str) -> float:
    with stage.follower(peer) as process:
        stage.etcd.kill()
        before = processor_seconds(process.pid)
        time.sleep(AWAY)
        taken = processor_seconds(process.pid) - before
        stage.etcd.start()
        stage.live_after("after")  # it has recovered by itself
    return taken


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
