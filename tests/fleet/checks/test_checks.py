"""The loop that asks, on real servers: some answer, some refuse, hang or speak otherwise."""

import os
import resource
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from bootstrapper.fleet.checks import Checks
from bootstrapper.fleet.values import Check, Health, Offer
from support.certificates import certificates
from support.eventually import eventually
from support.http_server import Answer, HttpServer, Request
from support.services import free_port

STARTING, PASSING, FAILING = Health.STARTING, Health.PASSING, Health.FAILING


def offer(name: str, port: int, *checks: Check, address: str = "127.0.0.1") -> Offer:
    return Offer(service="web", id=name, address=address, port=port, checks=checks)


def http(target: str = "/", **more: Any) -> Check:
    return Check(kind="http", target=target, **{"interval": 0.1, "timeout": 0.3} | more)


def tcp(target: str = "", **more: Any) -> Check:
    return Check(kind="tcp", target=target, **{"interval": 0.1, "timeout": 0.3} | more)


def command(*words: str, **more: Any) -> Check:
    return Check(kind="command", target=words, **{"interval": 0.2, "timeout": 1.0} | more)


class Watching:
    """Checks with their loop in a thread."""

    def __init__(self, *offers: Offer) -> None:
        self.changes = 0
        self.checks = Checks(self._changed)
        self.set(*offers)

    def set(self, *offers: Offer) -> None:
        self.checks.set({each.id: each for each in offers})

    def _changed(self) -> None:
        self.changes += 1

    def health(self, name: str) -> Health:
        return self.checks.health()[name][0]

    def why(self, name: str) -> str:
        return self.checks.health()[name][1]

    def becomes(self, name: str, health: Health, within: float = 5.0) -> str:
        eventually(lambda: self.health(name) is health, within=within, what=f"{name} {health}")
        return self.why(name)


@contextmanager
def watching(*offers: Offer) -> Iterator[Watching]:
    made, stop = Watching(*offers), threading.Event()
    thread = threading.Thread(target=made.checks.run, args=(stop,))
    thread.start()
    try:
        yield made
    finally:
        stop.set()
        thread.join(5)
        assert not thread.is_alive(), "the loop does not end when told to"


@contextmanager
def serving(answer: Callable[[Request], Answer] = lambda _: Answer(200)) -> Iterator[HttpServer]:
    server = HttpServer(answer).start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def listening(
    talk: Callable[[socket.socket], object] | None = None, family: int = socket.AF_INET
) -> Iterator[int]:
    """A port that accepts, and says what `talk` says; without it nobody ever accepts."""
    with socket.socket(family) as server, ExitStack() as links:
        server.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        server.listen(64)

        def serve() -> None:
            while True:
                try:
                    link, _ = server.accept()
                except OSError:
                    return
                links.enter_context(link)
                with suppress(OSError):  # its caller may have gone
                    if talk:
                        talk(link)

        if talk:
            threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def test_without_a_check_it_passes_at_once() -> None:
    assert Watching(offer("w1", 80)).checks.health() == {"w1": (PASSING, "it has no check")}


def test_before_the_first_result_it_starts() -> None:
    made = Watching(offer("w1", 80, http(), tcp()))
    assert made.health("w1") is STARTING


@pytest.mark.parametrize(
    ("status", "expected"), [(200, PASSING), (204, PASSING), (302, PASSING), (404, FAILING)]
)
def test_http_passes_with_2xx_and_3xx(status: int, expected: Health) -> None:
    with (
        serving(lambda _: Answer(status, headers={"Location": "/elsewhere"})) as server,
        watching(offer("w1", server.port, http("/health?deep=1"))) as seen,
    ):
        why = seen.becomes("w1", expected)
    assert why.startswith(f"GET http://127.0.0.1:{server.port}/health?…: {status}")
    assert {each.path for each in server.asked} == {"/health"}, "no redirect is followed"
    assert server.asked[0].query == {"deep": "1"}
    assert server.asked[0].headers["Host"] == f"127.0.0.1:{server.port}"
    assert server.asked[0].headers["Connection"] == "close"


def test_a_url_is_asked_at_its_own_host_and_by_its_name() -> None:
    with (
        serving() as server,
        watching(offer("w1", 9, http(f"http://localhost:{server.port}/up"))) as seen,
    ):
        seen.becomes("w1", PASSING)
    assert server.asked[0].headers["Host"] == f"localhost:{server.port}"


def test_a_server_that_goes_and_comes_is_failing_and_passing() -> None:
    with serving() as server, watching(offer("w1", server.port, http())) as seen:
        seen.becomes("w1", PASSING)
        server.stop()
        assert "connection refused" in seen.becomes("w1", FAILING)
        server.start()
        seen.becomes("w1", PASSING)
        assert seen.changes == 3, "one call for each change, and none for what stays"


def test_a_fresh_service_is_seen_long_before_an_interval_is_over() -> None:
    with watching(offer("w1", port := free_port(), tcp(interval=30.0))) as seen:
        eventually(lambda: "refused" in seen.why("w1"))
        with socket.socket() as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind(("127.0.0.1", port))
            server.listen()
            began = time.monotonic()
            seen.becomes("w1", PASSING)
            assert time.monotonic() - began < 1.0


def test_whoever_hangs_holds_up_nobody() -> None:
    with listening(lambda _: None) as hung, serving() as server:
        offers = [offer(f"h{n}", hung, http(timeout=0.5)) for n in range(40)]
        with watching(*offers, offer("w1", server.port, http())) as seen:
            seen.becomes("w1", PASSING, within=0.4)
            assert "no answer within 0.5 s" in seen.becomes("h7", FAILING)
            asked = len(server.asked)
            eventually(lambda: len(server.asked) > asked + 3, within=1.0)


def test_who_does_not_even_accept_fails_at_the_timeout() -> None:
    with socket.socket() as server, ExitStack() as links:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):  # its queue is full: further connections get no answer
            link = links.enter_context(socket.socket())
            link.setblocking(False)
            link.connect_ex(server.getsockname())
        with watching(offer("w1", server.getsockname()[1], tcp(timeout=0.2))) as seen:
            assert "no answer within 0.2 s" in seen.becomes("w1", FAILING)


def test_an_endless_answer_is_judged_by_its_first_line() -> None:
    def flood(link: socket.socket) -> None:
        def pour() -> None:
            try:
                link.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                while True:
                    link.sendall(b"x" * 65536)
            except OSError:
                return

        threading.Thread(target=pour, daemon=True).start()

    with listening(flood) as port, watching(offer("w1", port, http())) as seen:
        seen.becomes("w1", PASSING)


@pytest.mark.parametrize(
    ("said", "expected"),
    [(b"220 mail.example ESMTP\r\n", "not HTTP"), (b"", "closed without an answer")],
)
def test_who_speaks_otherwise_fails(said: bytes, expected: str) -> None:
    def talk(link: socket.socket) -> None:
        link.recv(4096)
        link.sendall(said)
        link.shutdown(socket.SHUT_RDWR)

    with listening(talk) as port, watching(offer("w1", port, http())) as seen:
        assert expected in seen.becomes("w1", FAILING)


@pytest.mark.parametrize("said", [b"\x00\xff" * 5000, b"HTTP/1.1 200 OK\r\n\r\n", b""])
def test_who_speaks_no_tls_is_told_so(said: bytes) -> None:
    def talk(link: socket.socket) -> None:
        link.recv(4096)
        link.sendall(said)
        link.shutdown(socket.SHUT_RDWR)

    with (
        listening(talk) as port,
        watching(offer("w1", port, http(f"https://127.0.0.1:{port}/"))) as seen,
    ):
        assert "/: TLS: " in seen.becomes("w1", FAILING)


def test_a_slow_line_is_put_together() -> None:
    def talk(link: socket.socket) -> None:
        link.recv(4096)
        for piece in (b"HT", b"TP/1.1 2", b"00 O", b"K\r", b"\n"):
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            link.sendall(piece)

    with listening(talk) as port, watching(offer("w1", port, http())) as seen:
        assert seen.becomes("w1", PASSING).endswith("200 OK")


def test_tcp_passes_where_something_accepts() -> None:
    with (
        listening(lambda _: None) as port,
        listening(lambda _: None, socket.AF_INET6) as six,
        watching(
            offer("w1", port, tcp()), offer("w2", six, tcp(), address="::1"),
            offer("w3", 9, tcp(f"127.0.0.1:{port}")), offer("w4", free_port(), tcp()),
            offer("w5", port, tcp(f"no-such-host.invalid:{port}")),
        ) as seen,
    ):  # fmt: skip
        assert seen.becomes("w1", PASSING) == f"127.0.0.1:{port} accepts"
        assert seen.becomes("w2", PASSING) == f"[::1]:{six} accepts"
        seen.becomes("w3", PASSING)
        assert "connection refused" in seen.becomes("w4", FAILING)
        assert "no-such-host.invalid" in seen.becomes("w5", FAILING)


def test_https_counts_whoever_signed_it(tmp_path: Path) -> None:
    certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")

    def talk(link: socket.socket) -> None:
        try:
            with context.wrap_socket(link, server_side=True) as secured:
                secured.recv(4096)
                secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        except OSError:
            return

    with (
        listening(talk) as port,
        listening(lambda link: link.sendall(b"hello\n")) as plain,
        watching(
            offer("w1", port, http(f"https://127.0.0.1:{port}/")),
            offer("w2", plain, http(f"https://127.0.0.1:{plain}/")),
        ) as seen,
    ):
        assert seen.becomes("w1", PASSING).endswith("200 OK")
        assert f"GET https://127.0.0.1:{plain}/" in seen.becomes("w2", FAILING)


@pytest.mark.parametrize(
    ("words", "health", "expected"),
    [
        (("true",), PASSING, "true exited 0"),
        (("sh", "-c", "echo no disk >&2; exit 3"), FAILING, "sh: exited 3: no disk"),
        (("sh", "-c", "kill -9 $$"), FAILING, "sh: ended by signal 9"),
        (("/no/such/program",), FAILING, "/no/such/program: does not start: no such file"),
        (("sh", "-c", 'test "$BOOTSTRAPPER_ID:$BOOTSTRAPPER_PORT" = w1:80'), PASSING, "exited 0"),
        (("sh", "-c", "exec yes"), FAILING, "sh: said more than 1000000 bytes"),
        (("sh", "-c", "sleep 30 & exit 0"), PASSING, "sh exited 0"),
    ],
)
def test_a_command_answers_by_its_exit_code(
    words: tuple[str, ...], health: Health, expected: str
) -> None:
    with watching(offer("w1", 80, command(*words, fall=1))) as seen:
        assert expected in seen.becomes("w1", health)


def test_a_command_that_takes_too_long_ends_with_all_it_started(tmp_path: Path) -> None:
    script = f"sleep 60 & echo $! > {tmp_path}/pid; wait"
    check = command("sh", "-c", script, timeout=0.3, fall=1, interval=60.0)
    with watching(offer("w1", 80, check)) as seen:
        assert seen.becomes("w1", FAILING) == "sh: took longer than 0.3 s"
        pid = int((tmp_path / "pid").read_text())
        eventually(lambda: not running(pid), what="its child is gone")


def test_what_a_command_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    script = f"sleep 60 & echo $! > {tmp_path}/pid"
    with watching(offer("w1", 80, command("sh", "-c", script, interval=60.0))) as seen:
        seen.becomes("w1", PASSING)
        pid = int((tmp_path / "pid").read_text())
        eventually(lambda: not running(pid), what="its child is gone")


def test_what_runs_when_the_loop_ends_is_ended(tmp_path: Path) -> None:
    script = f"echo $$ > {tmp_path}/made; mv {tmp_path}/made {tmp_path}/pid; exec sleep 60"
    with watching(offer("w1", 80, command("sh", "-c", script, timeout=60.0))):
        eventually((tmp_path / "pid").exists)
        pid = int((tmp_path / "pid").read_text())
    assert not running(pid)


def test_a_service_passes_when_all_of_its_checks_do() -> None:
    with serving() as server:
        checks = http(), command("false", fall=1)
        with watching(offer("w1", server.port, *checks), offer("w2", server.port, http())) as seen:
            seen.becomes("w2", PASSING)
            assert seen.becomes("w1", FAILING) == "false: exited 1"
            seen.set(offer("w1", server.port, http(), command("true")))
            assert "; true exited 0" in seen.becomes("w1", PASSING)


def test_a_target_that_says_nothing_fails_with_its_reason() -> None:
    with watching(offer("w1", 80, http("ftp://x/", fall=1))) as seen:
        assert "neither a path nor an http or https URL" in seen.becomes("w1", FAILING)


def test_who_stays_keeps_its_counts_and_who_moves_begins_anew() -> None:
    with serving() as server, watching(offer("w1", server.port, http())) as seen:
        seen.becomes("w1", PASSING)
        tagged = Offer(
            service="web", id="w1", address="127.0.0.1", port=server.port, tags=("blue",),
            checks=(http(),), draining=True,
        )  # fmt: skip
        seen.set(tagged, offer("w2", server.port, http()))
        assert seen.health("w1") is PASSING
        assert seen.health("w2") is STARTING
        seen.set(offer("w1", free_port(), http()))
        assert seen.health("w1") is STARTING
        assert "w2" not in seen.checks.health()
        seen.becomes("w1", FAILING)


def test_without_file_descriptors_nothing_is_said_of_a_service(
    caplog: pytest.LogCaptureFixture,
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with serving() as server, watching(offer("w1", server.port, tcp(timeout=0.2))) as seen:
        seen.becomes("w1", PASSING)
        taken: list[int] = []
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 5, hard))

            def want_is_told() -> bool:
                with suppress(OSError):  # a question in flight gives its own back
                    while True:
                        taken.append(os.open("/dev/null", os.O_RDONLY))
                return "was not made: too many open files" in caplog.text

            eventually(want_is_told)
            assert seen.health("w1") is PASSING
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            for each in taken:
                os.close(each)


LOAD = r"""
import re, sys, threading, time
from bootstrapper.fleet.checks import Checks
from bootstrapper.fleet.values import Check, Health, Offer
ports = [int(word) for word in sys.argv[1:]]
check = Check(kind="http", target="/", interval=0.5)
offers = {f"w{n}": Offer(service="web", id=f"w{n}", address="127.0.0.1", port=ports[n % len(ports)],
                         checks=(check,)) for n in range(200)}
checks, stop = Checks(), threading.Event()
checks.set(offers)
thread = threading.Thread(target=checks.run, args=(stop,))
thread.start()
time.sleep(2.0)
passing = sum(health is Health.PASSING for health, _ in checks.health().values())
before = time.process_time()
time.sleep(3.0)
used = (time.process_time() - before) / 3.0
most = re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1]
print(passing, round(used, 3), int(most) // 1024)
stop.set()
thread.join()
"""


def test_two_hundred_services_cost_little() -> None:
    def talk(link: socket.socket) -> None:
        link.recv(4096)
        link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        link.close()

    with ExitStack() as ports:
        open_ports = [str(ports.enter_context(listening(talk))) for _ in range(4)]
        done = subprocess.run(
            (sys.executable, "-c", LOAD, *open_ports),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    passing, share, megabytes = (float(word) for word in done.stdout.split())
    assert passing == 200
    assert share < 0.35, "of one core"
    assert megabytes < 40


def running(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def test_health_is_a_copy() -> None:
    made = Watching(offer("w1", 80))
    before: Mapping[str, object] = made.checks.health()
    made.set()
    assert set(before) == {"w1"}
