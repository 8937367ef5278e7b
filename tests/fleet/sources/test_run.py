"""`bootstrapper run -- CMD`, as a process on real stores: CMD, run and the store are killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.records import decode, encode
from bootstrapper.fleet.values import Check, Node, Offer
from bootstrapper.kv.store import Keys
from support.eventually import eventually
from support.kv import Server, hearing

PATHS = Paths()
ON_ONE = pytest.mark.parametrize("started", ["redis"], indirect=True)
"""For what is alike on every store."""
WEB = ("--service", "web", "--port", "8080", "--id", "w1", "--address", "10.0.0.7")


class Running:
    """A `run` of node n1 on this store, and its command's process."""

    def __init__(self, url: str, store: Keys, folder: Path, *words: str) -> None:
        (folder / "none.toml").touch()
        self._store = store
        self._out, self._err = folder / "out", folder / "err"
        with self._out.open("w") as out, self._err.open("w") as err:
            self.process = subprocess.Popen(
                (sys.executable, "-m", "bootstrapper", "run", *words),
                stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                env=os.environ | {
                    "BOOTSTRAPPER_KV_URL": url, "BOOTSTRAPPER_FLEET_NODE": "n1",
                    "BOOTSTRAPPER_SETTINGS": str(folder / "none.toml"),
                    "BOOTSTRAPPER_LOG_FORMAT": "text",
                },
            )  # fmt: skip

    def offer(self, name: str = "w1") -> Offer | None:
        entry = self._store.look(PATHS.offer("n1", name))
        return decode(entry.value, Offer) if entry else None

    def registered(self, name: str = "w1") -> Offer:
        found = eventually(lambda: self.offer(name), what="it is registered", within=10.0)
        assert found is not None
        return found

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def says(self, line: str) -> None:
        """Waits for a line of the command's."""
        eventually(lambda: line in self._out.read_text().splitlines(), what=line)

    @property
    def command(self) -> int:
        """The command's process."""
        pid = self.process.pid
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])

    def end(self, within: float = 10.0) -> tuple[int, str]:
        """Its exit code, and what was said on standard error."""
        return self.process.wait(within), self.told

    @property
    def told(self) -> str:
        """On standard error, up to now."""
        return self._err.read_text()

    def clean_up(self) -> None:
        with suppress(ProcessLookupError, IndexError, FileNotFoundError):
            os.killpg(self.command, signal.SIGKILL)
        self.process.kill()
        self.process.wait()


class Start:
    """Starts them on one store, and leaves none behind."""

    def __init__(self, server: Server, store: Keys, folder: Path) -> None:
        self._server, self._store, self._folder = server, store, folder
        self._made: list[Running] = []

    def __call__(self, *words: str) -> Running:
        folder = self._folder / str(len(self._made))
        folder.mkdir()
        made = Running(self._server.url, self._store, folder, *words)
        self._made.append(made)
        return made

    def end(self) -> None:
        for made in self._made:
            made.clean_up()


@pytest.fixture
def start(server: Server, store: Keys, tmp_path: Path) -> Iterator[Start]:
    made = Start(server, store, tmp_path)
    yield made
    made.end()


def shell(script: str) -> tuple[str, ...]:
    return ("--", "sh", "-c", script)


@ON_ONE
def test_it_is_registered_as_it_was_described(start: Start) -> None:
    run = start(
        *WEB, "--tag", "a,b", "--cluster", "red", "--weight", "7", "--check-http", "/up",
        "--check-command", "probe -v", "--fall", "3", *shell("exec sleep 60"),
    )  # fmt: skip
    assert run.registered() == Offer(
        service="web", id="w1", address="10.0.0.7", port=8080, host="n1", cluster="red",
        tags=("a", "b"), weight=7, source="run",
        checks=(
            Check(kind="http", target="/up", fall=3),
            Check(kind="command", target=("probe", "-v"), fall=3),
        ),
    )  # fmt: skip


def test_a_killed_command_is_registered_no_longer_at_once(start: Start, store: Keys) -> None:
    run = start(*WEB, *shell("exec sleep 60"))
    run.registered()
    key = PATHS.offer("n1", "w1")
    with hearing(store, PATHS.prefix, store.read(PATHS.prefix).revision) as heard:
        began = time.monotonic()
        os.kill(run.command, signal.SIGKILL)
        eventually(lambda: key in heard.gone)
        assert time.monotonic() - began < 0.25
    assert run.end()[0] == 128 + signal.SIGKILL


@ON_ONE
@pytest.mark.parametrize(
    ("script", "code"), [("exit 0", 0), ("exit 3", 3), ("kill -TERM $$", 128 + 15)]
)
def test_its_exit_code_is_the_commands(start: Start, script: str, code: int) -> None:
    run = start(*WEB, *shell(script))
    assert run.end()[0] == code
    assert run.offer() is None


@ON_ONE
def test_sigterm_drains_then_ends_the_command(start: Start) -> None:
    run = start(*WEB, "--drain", "0.6", *shell("trap 'exit 7' TERM; echo up; sleep 5 & wait"))
    run.says("up")
    run.registered()
    run.send(signal.SIGTERM)
    began = time.monotonic()
    eventually(lambda: run.registered().draining, within=0.5)
    assert run.end()[0] == 7
    assert time.monotonic() - began > 0.5
    assert run.offer() is None


@ON_ONE
def test_a_second_sigterm_does_not_wait(start: Start) -> None:
    run = start(*WEB, "--drain", "60", *shell("sleep 5 & wait"))
    run.registered()
    run.send(signal.SIGTERM)
    eventually(lambda: run.registered().draining)
    run.send(signal.SIGTERM)
    assert run.end()[0] == 128 + signal.SIGTERM


@ON_ONE
def test_who_does_not_end_in_time_is_killed_with_its_children(start: Start, tmp_path: Path) -> None:
    script = f"trap '' TERM; sleep 5 & echo $! > {tmp_path}/pid; echo up; wait"
    run = start(*WEB, "--grace", "0.2", *shell(script))
    run.says("up")
    run.send(signal.SIGTERM)
    assert run.end()[0] == 128 + signal.SIGKILL
    pid = int((tmp_path / "pid").read_text())
    eventually(lambda: not alive(pid))


@ON_ONE
def test_other_signals_are_handed_on(start: Start) -> None:
    run = start(*WEB, *shell("trap 'echo hup' HUP; trap 'echo usr1; exit 5' USR1; echo up; "
                             "while :; do sleep 0.01; done"))  # fmt: skip
    run.says("up")
    run.send(signal.SIGHUP)
    run.says("hup")
    run.send(signal.SIGUSR1)
    run.says("usr1")
    assert run.end()[0] == 5


def test_when_run_itself_is_killed_its_lease_ends_it_and_its_command_is_told(start: Start) -> None:
    run = start(*WEB, "--ttl", "1", *shell("exec sleep 60"))
    run.registered()
    command = run.command
    run.process.kill()
    eventually(lambda: not alive(command), within=1.0)
    eventually(lambda: run.offer() is None, within=5.0)


@ON_ONE
def test_the_command_runs_without_its_store_and_is_registered_when_it_is_back(
    start: Start, server: Server
) -> None:
    server.stop()
    try:
        run = start(*WEB, "--ttl", "1", *shell("echo up; exec sleep 60"))
        run.says("up")
        eventually(lambda: "w1 is not registered now" in run.told, within=10.0)
    finally:
        server.start()
    run.registered()


def test_a_store_that_was_away_knows_it_again(start: Start, server: Server) -> None:
    run = start(*WEB, "--ttl", "1", *shell("exec sleep 60"))
    run.registered()
    server.kill()
    server.start()
    eventually(run.offer, within=10.0)


@ON_ONE
def test_a_key_that_somebody_deleted_is_put_again(start: Start, store: Keys) -> None:
    run = start(*WEB, "--ttl", "1", *shell("exec sleep 60"))
    run.registered()
    store.delete(PATHS.offer("n1", "w1"))
    run.registered()


@ON_ONE
def test_its_address_is_the_nodes_and_its_id_says_where_it_is(start: Start, store: Keys) -> None:
    run = start("--service", "web", "--port", "8080", *shell("exec sleep 60"))
    store.put(PATHS.node("n1"), encode(Node(name="n1", address="10.0.0.9", since=0.0)))
    assert run.registered("n1:web:8080").address == "10.0.0.9"


@ON_ONE
def test_without_a_watch_it_says_so_once(start: Start, store: Keys) -> None:
    run = start(*WEB, "--ttl", "1", *shell("exec sleep 60"))
    eventually(lambda: "no `bootstrapper watch` runs on n1" in run.told, within=15.0)
    store.delete(PATHS.offer("n1", "w1"))
    run.registered()  # by another turn
    run.send(signal.SIGTERM)
    assert run.end()[1].count("bootstrapper watch") == 1
    store.put(PATHS.alive("n1"), "one")
    run = start(*WEB, *shell("exec sleep 60"))
    run.registered()
    run.send(signal.SIGTERM)
    assert "bootstrapper watch" not in run.end()[1]


def test_a_second_one_takes_over_and_the_first_leaves_it_alone(start: Start) -> None:
    first = start(*WEB, "--ttl", "1", *shell("exec sleep 60"))
    first.registered()
    second = start(*WEB, "--weight", "9", "--ttl", "60", *shell("exec sleep 60"))
    eventually(lambda: second.registered().weight == 9, within=15.0)
    first.send(signal.SIGTERM)
    first.end()
    eventually(lambda: second.offer() and second.registered().weight == 9, within=2.0)


@ON_ONE
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*WEB,), "no command is given"),
        ((*WEB, "--", "/no/such/program"), "/no/such/program does not start: No such file"),
        (("--service", "a/b", "--port", "1", "--", "true"), "service"),
        (("--service", "a", "--port", "70000", "--", "true"), "port"),
        (("--port", "70000", "--", "true"), "--service"),
    ],
)
def test_a_mistake_is_told_and_nothing_runs(
    start: Start, words: tuple[str, ...], said: str
) -> None:
    code, told = start(*words).end()
    assert code == 2
    assert said in told


def alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
