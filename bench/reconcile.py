"""A turn of the reconciler's judge over 5,000 instances: without change, and after one."""

import statistics
import time
from collections.abc import Callable

import msgspec

from bench.measure import Figure, keep
from bootstrapper.fleet.judging.index import Indexer
from bootstrapper.fleet.judging.judge import judge
from bootstrapper.fleet.judging.memory import remember
from bootstrapper.fleet.judging.seen import Memory, Seen
from bootstrapper.fleet.layouts import PRESETS, published, published_node
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.reading import Following
from bootstrapper.fleet.records import encode
from bootstrapper.fleet.values import Instance, Node
from bootstrapper.kv.mirror import Mirror
from bootstrapper.kv.store import Change, Snapshot
from bootstrapper.settings.fleet import Brakes

NODES, EACH, ROUNDS = 500, 10, 50
LAYOUTS, PATHS = PRESETS["services"], Paths()


class Judge:
    """As the reconciler holds it, with a mirror that is fed from here."""

    def __init__(self, values: dict[str, str]) -> None:
        self.mirror = Mirror("/")
        self.mirror.load("/", Snapshot(values, 1))
        self.following = Following(self.mirror.view(), PATHS)
        self.indexer = Indexer(LAYOUTS, PATHS.prefix)
        self.memory = Memory(began=0.0)
        self.revision = 1
        self.members = {f"node-{number}": "alive" for number in range(NODES)}

    def turn(self) -> None:
        fleet, view, brakes = self.following.fleet(), self.following.view, Brakes()
        index = self.indexer.index(fleet, view.values, view.revision)
        moment = time.monotonic()
        self.memory = remember(
            self.memory, fleet, self.members, index.differs, brakes.window, moment
        )
        found = judge(
            Seen(
                fleet=fleet, values=view.values, index=index, paths=PATHS, brakes=brakes,
                memory=self.memory, now=time.time(), moment=moment, members=self.members,
            )
        )  # fmt: skip
        assert not found.verdicts, found.verdicts
        assert not found.ask

    def change(self) -> None:
        """One instance gets another weight: its record is written again."""
        self.revision += 1
        key = PATHS.instance("node-7", "node-7:svc-3")
        record = msgspec.json.decode(self.following.view.values[key], type=Instance)
        record = msgspec.structs.replace(record, weight=1 + self.revision % 200)
        self.mirror.apply("/", Change(self.revision, {key: encode(record)}))


def main() -> None:
    judge_ = Judge(fleet())
    judge_.turn()
    quiet = measured(judge_.turn)
    changed = measured(judge_.turn, before=judge_.change)
    what = f"a turn over {NODES * EACH} instances of {NODES} nodes"
    keep(
        "reconcile",
        Figure(what=f"{what}, without change: CPU", value=quiet * 1000, unit="ms", limit=50),
        Figure(what=f"{what}, one changed: CPU", value=changed * 1000, unit="ms", limit=50),
    )


def measured(turn: Callable[[], None], before: Callable[[], None] = lambda: None) -> float:
    """Seconds of CPU, the median."""
    found = []
    for _ in range(ROUNDS):
        before()
        began = time.thread_time()
        turn()
        found.append(time.thread_time() - began)
    return statistics.median(found)


def fleet() -> dict[str, str]:
    values: dict[str, str] = {}
    for number in range(NODES):
        name, address = f"node-{number}", f"10.0.{number // 250}.{number % 250}"
        node = Node(name=name, address=address, since=1.0, cluster=f"c{number % 5}")
        shown = published_node(LAYOUTS, node, alive=True)
        node = msgspec.structs.replace(node, keys=tuple(shown))
        values |= {PATHS.node(name): encode(node), PATHS.alive(name): "1", **shown}
        for each in range(EACH):
            made = Instance(
                service=f"svc-{each}", id=f"{name}:svc-{each}", node=name, address=address,
                port=8000 + each, since=1.0, cluster=node.cluster,
            )  # fmt: skip
            shown = published(LAYOUTS, made, serves=True)
            made = msgspec.structs.replace(made, keys=tuple(shown))
            values |= {PATHS.instance(name, made.id): encode(made), **shown}
    return values


if __name__ == "__main__":
    main()
