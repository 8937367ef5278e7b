"""Thirty machines, of which 60 % are partitioned away for a minute, and then come back.

The store is on the smaller side; a second, shorter time it is on the larger one. Beside it the
pipeline of 2015 on both sides: every handler deletes the keys of all that serf calls failed.
"""

import time
from collections.abc import Sequence
from contextlib import ExitStack

from bench.measure import Figure, keep
from bench.observer import Observer, observed
from bench.pipeline2015 import Pipeline2015
from support.eventually import eventually
from support.fleet import WEB, Machine, Stage, stage

PORT = 8080
MACHINES, AWAY = 30, 18
LONG, SHORT = 60.0, 20.0  # seconds apart
ALLOWED = MACHINES // 5
"""Removals by guess within the brakes' window."""
RECOVERY = 5.0  # seconds
PATIENCE = 60.0
SERVICE = {"service": "web", "port": PORT, "check_tcp": True, "interval": 2.0}
FLEET = {"services": (SERVICE,), "serf": {"rpc": "127.0.0.1:7373"}}
FOLDER = "/bootstrapper/fleet/"


def main() -> None:
    with ExitStack() as stack:
        made = stack.enter_context(stage(settings={"fleet": FLEET}))
        peer = Pipeline2015(made.folder, made.etcd).start()
        stack.callback(peer.stop)
        machines = populate(made, peer)
        observer = stack.enter_context(observed(made, WEB))
        first = apart(made, observer, machines[-AWAY:], LONG)
        deleted = len(peer.gone())
        second = apart(made, observer, machines[-(MACHINES - AWAY) :], SHORT)
    keep(
        "partition",
        figure(f"60 % of {MACHINES} away for {LONG:g} s: keys removed past the brake", first,
               peer=deleted),
        Figure(what="whole again after healing", value=first[1], unit="s", limit=RECOVERY),
        figure(f"40 % of {MACHINES} away for {SHORT:g} s: keys removed past the brake", second),
        Figure(what="whole again after that", value=second[1], unit="s", limit=RECOVERY),
    )  # fmt: skip


def populate(made: Stage, peer: Pipeline2015) -> list[Machine]:
    machines = [made.add(f"n{n:02}") for n in range(MACHINES)]
    for number, machine in enumerate(machines):
        machine.server(machine.name, PORT)
        joins = [each.address for each in (machines[0], machines[-1]) if each is not machine]
        machine.serf(joins, *(peer.flags if number in (0, MACHINES - 1) else ()))
        peer.put(machine.name, of(machine))
    for number, machine in enumerate(machines):  # two at a time: they are heavy only to begin
        machine.watch()
        if number:
            wait_for(made, machines[number - 1])
    made.becomes(*map(of, machines), within=60)
    time.sleep(10)  # until all know of all, and the reconciler has learnt
    return machines


def wait_for(made: Stage, machine: Machine) -> None:
    key = f"{FOLDER}nodes/{machine.name}"
    eventually(lambda: made.store.look(key), within=30, what=f"{machine.name} is registered")


def apart(
    made: Stage, observer: Observer, away: Sequence[Machine], seconds: float
) -> tuple[int, float]:
    """How many keys went meanwhile, and the seconds until all was as before."""
    began = time.monotonic()
    made.network.part([each.link for each in away])
    time.sleep(seconds)
    gone = [each for each in observer.gone("key", began) if each.startswith(WEB)]
    healed = time.monotonic()
    made.network.unite()
    eventually(lambda: whole(made), within=PATIENCE, what="all is as before")
    return len(gone), time.monotonic() - healed


def whole(made: Stage) -> bool:
    """Every lease, every key, no mark, and HAProxy sends to all. What serf itself still calls
    failed stays noted as held, without an effect, until it has found its members again.
    """
    values = made.store.read(FOLDER).values
    alive = sum(each.startswith(f"{FOLDER}alive/") for each in values)
    marks = [each for each in values if each.startswith(f"{FOLDER}marks/")]
    keys, proxy = len(made.keys()), len(made.in_rotation())
    told = f"{alive} leases, {keys} keys, {proxy} in rotation, marks {marks}"
    assert (alive, keys, proxy, marks) == (MACHINES, MACHINES, MACHINES, []), told
    return True


def figure(what: str, found: tuple[int, float], peer: int | None = None) -> Figure:
    removed = found[0]
    return Figure(
        what=what, value=max(0, removed - ALLOWED), unit="keys", limit=0, ours=removed, peer=peer,
        note=f"{removed} removed, {ALLOWED} allowed in a minute",
    )  # fmt: skip


def of(machine: Machine) -> str:
    return f"{machine.address}:{PORT}"


if __name__ == "__main__":
    main()
