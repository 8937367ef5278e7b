"""Real Serf agents on loopback: ended by pid, and brought back when a test wants it."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bootstrapper.errors import Error
from bootstrapper.fleet.serf.rpc import Rpc
from bootstrapper.jobs.process_tree import die_with_parent
from support.eventually import eventually
from support.services import free_port, need, short_folder

START = 10.0  # seconds


class Agent:
    """One `serf agent`; `port` is where it gossips, `rpc` where it is asked."""

    def __init__(
        self,
        folder: Path,
        name: str,
        *,
        profile: str = "local",
        key: str = "",
        tags: Mapping[str, str] | None = None,
        handlers: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
        leave_on_terminate: bool = False,
    ) -> None:
        need("serf")
        self.name = name
        self.key = key
        self.port = free_port()
        self.rpc_address = f"127.0.0.1:{free_port()}"
        self.log = folder / f"{name}.log"
        self._environ = {**os.environ, **(environ or {})}
        self._file = folder / f"{name}.json"
        self._process: subprocess.Popen[bytes] | None = None
        self.settings: dict[str, object] = {
            "node_name": name,
            "profile": profile,
            "tags": dict(tags or {}),
            "event_handlers": list(handlers),
            "leave_on_terminate": leave_on_terminate,
            "rpc_addr": self.rpc_address,
            **({"rpc_auth": key} if key else {}),
        }

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> "Agent":
        """It answers when this returns."""
        self._file.write_text(json.dumps({**self.settings, "bind": self.address}))
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                ("serf", "agent", "-config-file", str(self._file), "-log-level", "debug"),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environ,
                preexec_fn=lambda: die_with_parent(signal.SIGTERM),  # noqa: PLW1509
            )  # fmt: skip
        eventually(self._answers, within=START, what=f"{self.name} answers: see {self.log}")
        return self

    def connect(self) -> Rpc:
        return Rpc(self.rpc_address, self.key)

    def join(self, other: "Agent") -> None:
        with self.connect() as rpc:
            rpc.join([other.address])

    def kill(self) -> None:
        """As a power cut would."""
        self.end(signal.SIGKILL)

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.send_signal(signal.SIGCONT)
            self._process.wait(START)
            self._process = None

    def freeze(self) -> None:
        """Every thread of it stands still when this returns."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        threads = Path(f"/proc/{self._process.pid}/task")
        eventually(lambda: all(_stands_still(each) for each in threads.iterdir()))

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"serf ended at once: {self.log.read_text()[-2000:]}")
        try:
            with self.connect() as rpc:
                return rpc.own_name() == self.name
        except Error:
            return False


def _stands_still(thread: Path) -> bool:
    return (thread / "stat").read_text().rpartition(")")[2].split()[0] == "T"


class Agents:
    """Those of one test or module, with names of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._made: list[Agent] = []

    def start(self, name: str, **options: object) -> Agent:
        unique = f"{name}-{time.monotonic_ns():x}"
        agent = Agent(self.folder, unique, **options)  # type: ignore[arg-type]
        self._made.append(agent)
        return agent.start()

    def end(self) -> None:
        for agent in self._made:
            agent.kill()


@contextmanager
def serf_agents() -> Iterator[Agents]:
    with short_folder("serf") as folder:
        agents = Agents(folder)
        try:
            yield agents
        finally:
            agents.end()
