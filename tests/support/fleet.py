"""A fleet on real parts: etcd, machines in namespaces, and a HAProxy that `watch` keeps true.

etcd and the proxy stand on the tests' side of the switch, so that any machine can be cut off.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bootstrapper.kv.open import open_store
from bootstrapper.kv.store import Keys
from bootstrapper.settings import Kv, Settings
from support.etcd import Etcd
from support.eventually import eventually
from support.haproxy import Haproxy, preamble
from support.load import Load
from support.machine import SERF, WATCH, Machine
from support.netns import Link, Network, network
from support.proxy_follower import ProxyFollower
from support.services import free_port, need, short_folder

SERVICES = "/services/"
WEB = f"{SERVICES}web/"
DEFAULTS = (
    "option redispatch\n    retries 1\n    retry-on conn-failure empty-response\n"
    "    timeout connect 300ms\n    timeout server 3s"
)
"""The last `timeout` of a kind counts. A machine that is cut off answers nothing, not even no."""
SERVERS = """{{range gets "/services/web/*"}}    server {{base .Key}} {{.Value}} check inter 1s
{{end}}"""


class Stage:
    """`settings` are for the `watch` of every machine."""

    def __init__(
        self,
        folder: Path,
        net: Network,
        *,
        members: int = 1,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.folder = folder
        self.network = net
        (folder / "etcd").mkdir()
        self.etcd = Etcd(folder / "etcd", members=members, host=net.address, v2=True)
        self.store_url = f"etcd://{','.join(self.etcd.addresses)}"
        self.machines: dict[str, Machine] = {}
        self.proxy_port = free_port(net.address)
        front = (
            f"frontend front\n    bind {net.address}:{self.proxy_port}\n"
            "    default_backend web\nbackend web\n    balance roundrobin\n"
        )
        self._head = preamble(folder, defaults=DEFAULTS) + front
        self.haproxy = Haproxy(folder, self._head)
        self.proxy = ProxyFollower(folder / "proxy", self.store_url, self.haproxy)
        self._settings = settings or {}

    def start(self) -> "Stage":
        self.etcd.start()
        self.haproxy.start()
        self.proxy.start(self._head + SERVERS, WEB.rstrip("/"))
        return self

    def add(self, name: str, settings: Mapping[str, Mapping[str, Any]] | None = None) -> Machine:
        """A machine on which nothing runs yet."""
        merged = {key: dict(fields) for key, fields in self._settings.items()}
        for section, fields in (settings or {}).items():
            merged[section] = {**merged.get(section, {}), **fields}
        link = self.network.add(name)
        machine = Machine(self.folder / name, link, self.store_url, merged)
        self.machines[name] = machine
        return machine

    def serf(self, *machines: Machine) -> None:
        """Agents that join each other, and wait until they do."""
        need("serf")
        for machine in machines or self.machines.values():
            others = [each.address for each in self.machines.values() if each is not machine]
            machine.serf(others[:3])

    @property
    def store(self) -> Keys:
        """A client of its own each time."""
        return open_store(Settings(kv=Kv(url=self.store_url)))

    def keys(self, prefix: str = WEB) -> dict[str, str]:
        return dict(self.store.read(prefix).values)

    def published(self, prefix: str = WEB) -> set[str]:
        """The addresses that readers see."""
        return set(self.keys(prefix).values())

    def in_rotation(self) -> set[str]:
        """The addresses that HAProxy sends new requests to."""
        return in_rotation(self.haproxy.say("show servers state web"))

    def load(self, rate: float = 400.0) -> Load:
        return Load(self.folder, self.network.address, self.proxy_port, rate)

    def becomes(self, *addresses: str, within: float = 20.0) -> None:
        """Keys and proxy name these addresses, and no others."""

        def seen() -> bool:
            wanted, keys, proxy = set(addresses), self.published(), self.in_rotation()
            assert keys == wanted, f"keys {sorted(keys)}, wanted {sorted(wanted)}"
            assert proxy == wanted, f"HAProxy sends to {sorted(proxy)}, wanted {sorted(wanted)}"
            return True

        eventually(seen, within=within)

    def story(self) -> str:
        """What each `watch` said last."""
        running = {each.name: each.running for each in self.machines.values()}
        running["proxy"] = self.proxy.running
        logs = {name: each.log(WATCH) for name, each in running.items()}
        return "\n".join(
            f"{name}: {log.read_text()[-2000:]}" for name, log in logs.items() if log.exists()
        )

    def close(self) -> None:
        for machine in self.machines.values():
            machine.close()
        self.proxy.close()
        self.haproxy.stop()
        self.etcd.stop()


def in_rotation(state: str) -> set[str]:
    """Of `show servers state`: running, with no maintenance and no drain, and a weight."""
    found: set[str] = set()
    for line in state.splitlines():
        words = line.split(" ")
        if len(words) > 18 and words[0].isdigit():
            address, running, maintained, weight, port = (words[n] for n in (4, 5, 6, 7, 18))
            if running == "2" and maintained == "0" and int(weight) > 0:
                found.add(f"{address}:{port}")
    return found


@contextmanager
def stage(
    *, members: int = 1, settings: Mapping[str, Mapping[str, Any]] | None = None
) -> Iterator[Stage]:
    """Started, without machines."""
    with ExitStack() as stack:
        folder = stack.enter_context(short_folder("fleet"))
        net = stack.enter_context(network())
        made = Stage(folder, net, members=members, settings=settings)
        stack.callback(made.close)
        try:
            yield made.start()
        except AssertionError as error:  # what was said goes with the folder
            raise AssertionError(f"{error}\n{made.story()}") from error


__all__ = ["SERF", "WATCH", "WEB", "Link", "Machine", "Stage", "in_rotation", "stage"]
