"""What `watch` takes of memory with two hundred services, each checked twice a second."""

import time
from pathlib import Path

from bench.measure import Figure, keep
from bench.outage import processor_seconds
from support.eventually import eventually
from support.fleet import WATCH, stage

SERVICES, PORTS = 200, 10
LONG = 15.0  # seconds of running
LIMIT = 80.0  # MB


def main() -> None:
    services = [
        {"service": "web", "id": f"web{n}", "port": 9000 + n % PORTS, "check_http": "/health"}
        for n in range(SERVICES)
    ]
    with stage() as made:
        machine = made.add(
            "one", {"fleet": {"services": services, "serf": {"rpc": "127.0.0.1:7373"}}}
        )
        for number in range(PORTS):
            machine.server(f"s{number}", 9000 + number)
        machine.serf()
        machine.watch()
        eventually(
            lambda: len(made.keys()) == SERVICES, within=30, what="all services are registered"
        )
        pid = machine.running.pid(WATCH)
        before = processor_seconds(pid)
        time.sleep(LONG)
        busy = (processor_seconds(pid) - before) / LONG
        found = memory(pid)
    keep(
        "memory",
        Figure(
            what=f"memory of watch with {SERVICES} services", value=found["Rss"], unit="MB",
            limit=LIMIT, note=f"of its own {found['Pss']:.3g} MB; {busy:.0%} of a processor",
        ),
    )  # fmt: skip


def memory(pid: int) -> dict[str, float]:
    """MB, by the kernel's names."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    parted = (line.partition(":") for line in lines)
    return {name: int(text.split()[0]) / 1024 for name, _, text in parted}


if __name__ == "__main__":
    main()
