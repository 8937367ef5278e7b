"""A fleet's records in a real store, as its watches and its reconciler would have written them."""

import time

from bootstrapper.fleet.events import FleetEvent, Kind
from bootstrapper.fleet.layouts import PRESETS, published
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.records import encode
from bootstrapper.fleet.values import Health, Held, Instance, Mark, Node, Signal
from bootstrapper.ids import new_id
from bootstrapper.kv.store import Keys, Put, Write

PATHS = Paths()


class Records:
    """`alive` without a lease: nothing keeps it, and nothing takes it away."""

    def __init__(self, store: Keys) -> None:
        self.store = store

    def node(self, name: str, address: str, *, alive: bool = True, **more: object) -> None:
        fields = {"name": name, "address": address, "since": time.time() - 60, **more}
        node = Node(**fields)  # type: ignore[arg-type]
        self.store.put(PATHS.node(name), encode(node))
        if alive:
            self.store.put(PATHS.alive(name), "one")

    def instance(self, node: str, name: str, service: str = "web", port: int = 80) -> Instance:
        made = Instance(
            service=service, id=name, node=node, address="10.0.0.1", port=port,
            since=time.time() - 30, health=Health.PASSING, source="docker",
        )  # fmt: skip
        shown = published(PRESETS["services"], made, serves=True)
        fresh = Instance(**{f: getattr(made, f) for f in made.__struct_fields__}
                         | {"keys": tuple(shown)})  # fmt: skip
        writes: list[Write] = [Put(PATHS.instance(node, name), encode(fresh))]
        self.store.write([*writes, *(Put(key, value) for key, value in shown.items())])
        return fresh

    def mark(self, name: str, signal: Signal, reason: str, by: str = "n9") -> None:
        mark = Mark(signal=signal, reason=reason, since=time.time(), by=by)
        self.store.put(PATHS.mark(name), encode(mark))

    def held(self, name: str, rule: str = "brake") -> None:
        held = Held(
            name=name, signal=Signal.LEASE_GONE, reason="its lease is gone", rule=rule,
            since=time.time(),
        )  # fmt: skip
        self.store.put(PATHS.held(name), encode(held))

    def event(self, kind: Kind, node: str, **more: object) -> FleetEvent:
        fields = {
            "id": new_id(), "at": time.time(), "kind": kind, "node": node, "reason": "so it is",
            "signal": Signal.REGISTERED, "by": node, **more,
        }  # fmt: skip
        made = FleetEvent(**fields)  # type: ignore[arg-type]
        self.store.put(PATHS.event(made.id), encode(made))
        return made

    def value(self, key: str) -> str | None:
        found = self.store.look(key)
        return found.value if found else None

    def clear(self) -> None:
        for prefix in (PATHS.prefix, "/services/"):
            self.store.clear(prefix)
