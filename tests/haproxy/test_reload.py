import os
import signal
import subprocess
import threading
import urllib.request
from pathlib import Path

import pytest

from bootstrapper.errors import Refused
from bootstrapper.haproxy.apply import Applied, Proxy
from bootstrapper.haproxy.changes import Mode
from bootstrapper.haproxy.reload import Master, Restart, find_master, reload, save_states
from bootstrapper.haproxy.socket import Socket
from bootstrapper.haproxy.state import Kept
from haproxy.conftest import Start
from support.haproxy import HttpBackend, preamble
from support.services import free_port

WEB = "backend web\n server a 127.0.0.1:1\n server b 127.0.0.1:2 weight 4\n server c 127.0.0.1:3\n"


def test_what_an_operator_said_outlives_a_reload(start: Start) -> None:
    haproxy = start(WEB)
    socket, old = Socket(str(haproxy.socket)), haproxy.file.read_text()
    before = haproxy.worker()
    haproxy.say("set server web/a state drain; set server web/b weight 9")
    haproxy.say("set server web/c state maint")
    new = old.replace("server c 127.0.0.1:3", "server d 127.0.0.1:4")
    haproxy.file.write_text(new)

    kept = reload(socket, Master(haproxy.pid), old, new)

    assert haproxy.worker() != before
    assert kept == (Kept("web", "a", Mode.DRAIN), Kept("web", "b", None, 9))
    rows = {row.name: (row.mode, row.weight) for row in socket.states("web")}
    assert rows == {"a": (Mode.DRAIN, 1), "b": (Mode.READY, 9), "d": (Mode.READY, 1)}


def test_the_master_is_found_by_its_worker(start: Start) -> None:
    haproxy = start(WEB)

    assert find_master(haproxy.worker()) == Master(haproxy.pid)
    assert find_master(os.getpid()) is None


def test_a_daemon_without_a_master_is_followed_by_another(binary: str, folder: Path) -> None:
    file, socket = folder / "haproxy.cfg", Socket(f"{folder}/admin.sock")
    text = preamble(folder) + WEB
    file.write_text(text)
    command = (binary, "-D", "-f", str(file))
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    before = socket.info().pid
    socket.ask("set server web/a state drain")

    kept = reload(socket, Restart(command), text, text)

    after = socket.info().pid
    os.kill(after, signal.SIGTERM)
    assert after != before
    assert kept == (Kept("web", "a", Mode.DRAIN),)


def test_a_file_that_haproxy_does_not_take_is_refused_and_the_old_one_serves(start: Start) -> None:
    haproxy = start(WEB)
    old, before = haproxy.file.read_text(), haproxy.worker()
    haproxy.file.write_text(old + "nonsense\n")

    with pytest.raises(Refused):
        reload(Socket(str(haproxy.socket)), Master(haproxy.pid), old, old, within=1)

    assert haproxy.worker() == before


def test_the_states_are_saved_where_the_file_says(start: Start, folder: Path) -> None:
    haproxy = start(WEB)
    haproxy.say("set server web/a state drain")
    more = f"server-state-file {folder}/states"
    text = preamble(folder, more=more, defaults="load-server-state-from-file global") + WEB

    save_states(Socket(str(haproxy.socket)), text.replace(" server c 127.0.0.1:3\n", ""))

    lines = (folder / "states").read_text().splitlines()
    assert [line.split()[3] for line in lines[2:]] == ["a", "b"]


def test_states_that_cannot_be_saved_stop_the_reload_with_a_reason(
    start: Start, folder: Path
) -> None:
    haproxy = start(WEB)
    more = f"server-state-file {folder}/none/states"
    text = preamble(folder, more=more, defaults="load-server-state-from-file global") + WEB

    with pytest.raises(Refused, match="cannot be written"):
        save_states(Socket(str(haproxy.socket)), text)


def test_no_request_fails_while_servers_come_and_go(start: Start) -> None:
    backends = [HttpBackend(f"s{n}").start() for n in range(4)]
    port = free_port()
    front = f"frontend f\n bind 127.0.0.1:{port}\n default_backend web\nbackend web\n"
    haproxy = start(front + f" server s0 {backends[0].address}\n")
    proxy, stop, answers = Proxy(str(haproxy.socket), drain=1), threading.Event(), [0, 0]

    def ask() -> None:
        while not stop.is_set():
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                    answers[0] += answer.status == 200
            except OSError:
                answers[1] += 1

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for each in threads:
        each.start()
    text = haproxy.file.read_text()
    base = text[: text.index(" server s0")]
    for step in range(20):
        chosen = {step % 4, (step + 1) % 4}
        new = base + "".join(f" server s{n}-{step} {backends[n].address}\n" for n in chosen)
        assert isinstance(proxy.apply(text, new), Applied)
        text, seen = new, answers[0]
        while answers[0] < seen + 10 and not answers[1]:
            proxy.finish_drains()
    stop.set()
    for each in threads:
        each.join()

    assert answers[1] == 0
    assert {backend.served > 0 for backend in backends} == {True}
    for backend in backends:
        backend.stop()
