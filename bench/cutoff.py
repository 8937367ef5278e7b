"""A machine's cable is pulled: until its key is gone, and HAProxy sends no more to it.

Beside it, in the first rounds, the pipeline of 2015: serf's handlers delete keys with curl. The
brakes' window is short here, as one machine after the other is cut off; else the second waits.
"""

import time
from contextlib import ExitStack

from bench.measure import Figure, keep, percentile
from bench.observer import Observer, observed
from bench.pipeline2015 import Pipeline2015
from support.eventually import eventually
from support.fleet import WEB, Machine, Stage, stage

PORT = 8080
SERVICE = {"service": "web", "port": PORT, "check_http": "/health"}
WINDOW = 1.0  # seconds
FLEET = {
    "services": (SERVICE,),
    "serf": {"rpc": "127.0.0.1:7373"},
    "brakes": {"window": WINDOW, "flaps": 0},
}
MACHINES, ROUNDS, WITH_PEER = 6, 11, 2
LEADER = "/bootstrapper/fleet/leader"
LEARNS = 8.0  # seconds after the start, until the reconciler acts


def main() -> None:
    with ExitStack() as stack:
        made = stack.enter_context(stage(settings={"fleet": FLEET}))
        peer = Pipeline2015(made.folder, made.etcd).start()
        stack.callback(peer.stop)
        machines = [made.add(f"m{n}") for n in range(MACHINES)]
        for machine in machines:
            machine.server(machine.name, PORT)
            machine.serf([machines[0].address], *peer.flags)
            machine.watch()
            peer.put(machine.name, of(machine))
        made.becomes(*map(of, machines), within=60)
        time.sleep(LEARNS)
        observer = stack.enter_context(observed(made, WEB))
        measure(made, observer, peer)


def measure(made: Stage, observer: Observer, peer: Pipeline2015) -> None:
    keys: list[float] = []
    proxies: list[float] = []
    handlers: list[float] = []
    leaders: list[float] = []
    load = made.load().start()
    for number in range(ROUNDS):
        machine = chosen(made, number)
        led = machine.name == leader(made)
        began = time.monotonic()
        machine.link.cut()
        key = observer.wait("key", of(machine), False, began)
        proxies.append(observer.wait("proxy", of(machine), False, began))
        (leaders if led else keys).append(key)
        if number < WITH_PEER:
            handlers.append(peer.wait(machine.name, began))
        machine.link.heal()
        made.becomes(*map(of, made.machines.values()), within=30)
        peer.put(machine.name, of(machine))
        time.sleep(2 * WINDOW)
    load.stop()
    failed = f"{len(load.failures())} of {len(load.requests())} requests failed meanwhile"
    longest = f"longest {max(keys):.3g} s"
    rows = [
        ("machine cut off → key gone, p50", percentile(keys, 0.5), longest),
        ("machine cut off → HAProxy sends no more, p50", percentile(proxies, 0.5), failed),
        ("the reconciler's own machine cut off → key gone, p50", percentile(leaders, 0.5), ""),
    ]
    peers = percentile(handlers, 0.5)
    keep("cutoff", *(
        Figure(what=what, value=value, unit="s", limit=2.5, ours=value, peer=peers, note=note)
        for what, value, note in rows
    ))  # fmt: skip


def chosen(made: Stage, number: int) -> Machine:
    """The reconciler's own machine in every seventh round; else the others in turn."""
    names = sorted(made.machines)
    led = leader(made)
    if number % 7 == 3:
        return made.machines[led]
    others = [name for name in names if name != led]
    return made.machines[others[number % len(others)]]


def leader(made: Stage) -> str:
    """The name of the machine whose watch reconciles."""

    def named() -> str:
        entry = made.store.look(LEADER)
        said = entry.value if entry else ""
        return next((name for name in made.machines if name in said), "")

    return eventually(named, within=30, what="somebody reconciles")


def of(machine: Machine) -> str:
    return f"{machine.address}:{PORT}"


if __name__ == "__main__":
    main()
