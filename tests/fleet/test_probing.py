"""The second witness, on real ports: who answers, who refuses, who is silent, and how many."""

import os
import resource
import socket
import time
from contextlib import ExitStack

import pytest

from bootstrapper.fleet.probing import Probe, probe
from support.services import free_port

ANSWERED, REFUSED, SILENT = Probe.ANSWERED, Probe.REFUSED, Probe.SILENT


def silent_port(stack: ExitStack) -> int:
    """Its queue is full, so the kernel drops what asks for more."""
    server = stack.enter_context(socket.socket())
    server.bind(("127.0.0.1", 0))
    server.listen(0)
    for _ in range(4):
        link = stack.enter_context(socket.socket())
        link.setblocking(False)
        link.connect_ex(server.getsockname())
    port: int = server.getsockname()[1]
    return port


def open_port(stack: ExitStack) -> int:
    server = stack.enter_context(socket.socket())
    server.bind(("127.0.0.1", 0))
    server.listen(1024)
    port: int = server.getsockname()[1]
    return port


def test_answers_refusals_and_silence_are_told_apart() -> None:
    with ExitStack() as stack:
        there, silent, closed = open_port(stack), silent_port(stack), free_port()
        began = time.monotonic()
        found = probe(
            [
                ("127.0.0.1", there), ("127.0.0.1", silent), ("127.0.0.1", closed),
                ("localhost", there), ("127.0.0.1", there),
            ],
            0.3,
        )  # fmt: skip
    assert found == {
        ("127.0.0.1", there): ANSWERED, ("127.0.0.1", silent): SILENT,
        ("127.0.0.1", closed): REFUSED,
    } | {("localhost", there): found[("localhost", there)]}  # fmt: skip
    assert 0.3 <= time.monotonic() - began < 0.9


@pytest.mark.parametrize(
    "target",
    [("no-such-host.invalid", 80), ("127.0.0.1", 70_000), ("127.0.0.1", 0), ("", 80), ("ä\0", 1)],
)
def test_what_cannot_be_asked_is_not_in_the_answer(target: tuple[str, int]) -> None:
    assert probe([target], 0.2) == {}


def test_nobody_is_asked_nothing() -> None:
    assert probe([], 0.2) == {}


def test_thousands_are_asked_with_few_descriptors() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ExitStack() as stack:
        there, closed = open_port(stack), free_port()
        targets = [(f"127.0.{n // 250}.{n % 250 + 1}", closed) for n in range(3000)]
        few = len(os.listdir("/proc/self/fd")) + 256
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, few), hard))
        try:
            found = probe([*targets, ("127.0.0.1", there)], 0.5)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert found == dict.fromkeys(targets, REFUSED) | {("127.0.0.1", there): ANSWERED}


def test_without_a_descriptor_nothing_is_said() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ExitStack() as stack:
        there = open_port(stack)
        taken: list[socket.socket] = []
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))
        try:
            while len(taken) < 200:
                taken.append(socket.socket())
        except OSError:
            taken.pop().close()
            taken.pop().close()  # one for the selector, one for a link
            found = probe([("127.0.0.1", there), ("127.0.0.2", there)], 0.2)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            for each in taken:
                each.close()
    assert found.get(("127.0.0.1", there)) is ANSWERED
    assert SILENT not in found.values()
