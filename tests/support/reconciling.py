"""A reconciler over a real store: in this process, or in one of its own that can be killed.

    python -m support.reconciling STORE NAME SOCKETLESS-PORTS…

Ports named after the name count as silent; all others accept.
"""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bootstrapper.fleet.judging.verdicts import Target
from bootstrapper.fleet.leader import Leadership
from bootstrapper.fleet.reading import Following
from bootstrapper.fleet.reconcile import Reconciler, Witnesses
from bootstrapper.jobs.process_tree import die_with_parent
from bootstrapper.kv.follow import follow
from bootstrapper.kv.mirror import Mirror
from bootstrapper.kv.open import open_store
from bootstrapper.kv.store import Keys
from bootstrapper.settings import Kv, Settings
from bootstrapper.settings.fleet import Brakes
from support.eventually import eventually
from support.fleet_world import LAYOUTS, PATHS

PREFIXES = (PATHS.prefix, "/services/", "/proxy/", "/cluster/")
TTL = 2.0
ROOT = Path(__file__).parent.parent.parent


class Running:
    """`silent`: nodes and targets whose ports do not accept; `members` as serf would have them."""

    def __init__(self, store: Keys, name: str, brakes: Brakes, events_kept: int = 5_000) -> None:
        self.silent: set[str] = set()
        self.members: dict[str, str] | None = None
        self.mirror = Mirror(*PREFIXES)
        self.stop = threading.Event()
        self._followers = [
            threading.Thread(target=follow, args=(store, prefix, self.mirror, self.stop))
            for prefix in self.mirror.prefixes
        ]
        for each in self._followers:
            each.start()
        eventually(lambda: self.mirror.complete and self.mirror.link.connected, what="it follows")
        self.leadership = Leadership(store, PATHS, name, TTL)
        self.reconciler = Reconciler(
            store, Following(self.mirror.view(), PATHS), self.leadership,
            Witnesses(members=lambda: self.members, ports=self._ports),
            lambda: self.mirror.link, LAYOUTS, PATHS, brakes, name, events_kept,
        )  # fmt: skip
        self._loop = threading.Thread(target=self.reconciler.run, args=(self.stop,))

    def start(self) -> "Running":
        self._loop.start()
        return self

    def end(self) -> None:
        self.stop.set()
        for each in (*self._followers, *([self._loop] if self._loop.ident else [])):
            each.join(10)
            assert not each.is_alive()

    def _ports(self, targets: tuple[Target, ...], seconds: float) -> Mapping[str, bool]:
        return {each.name: not {each.name, each.node} & self.silent for each in targets}


@contextmanager
def reconciling(store: Keys, name: str, *, loop: bool = True, **brakes: Any) -> Iterator[Running]:
    kept = brakes.pop("events_kept", 5_000)
    running = Running(store, name, Brakes(**{"learn": 0.0, **brakes}), kept)
    try:
        yield running.start() if loop else running
    finally:
        running.end()


@contextmanager
def reconciling_process(url: str, name: str, *silent: str) -> Iterator["subprocess.Popen[bytes]"]:
    path = f"{ROOT / 'src'}:{ROOT / 'tests'}"
    child = subprocess.Popen(
        [sys.executable, "-m", "support.reconciling", url, name, *silent],
        env={"PYTHONPATH": path, "PATH": "/usr/bin:/bin"}, stdin=subprocess.DEVNULL,
        preexec_fn=lambda: die_with_parent(signal.SIGTERM),  # noqa: PLW1509
    )  # fmt: skip
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def main(url: str, name: str, *silent: str) -> None:
    store = open_store(Settings(kv=Kv(url=url)))
    running = Running(store, name, Brakes(learn=0.5))
    running.silent |= set(silent)
    signal.signal(signal.SIGTERM, lambda *_: running.stop.set())
    running.start()
    running.stop.wait()
    running.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
