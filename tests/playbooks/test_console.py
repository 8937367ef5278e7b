"""What a run prints: its lines are kept, and a flood of them is not."""

import subprocess
import sys

import msgspec

_PROGRAM = """
import os, sys, threading
import msgspec
from bootstrapper.playbooks.console import read_console

answer = os.dup(1)
said = []
end = read_console(said.append, lambda text: text.replace("swordfish", "****"))
{prints}
end()
os.write(answer, msgspec.json.encode([(each.level, each.text) for each in said]))
"""


def said(prints: str) -> list[tuple[str, str]]:
    """In a process of its own, whose standard streams it takes away."""
    program = [sys.executable, "-c", _PROGRAM.format(prints=prints)]
    done = subprocess.run(program, check=True, capture_output=True, timeout=30)
    return msgspec.json.decode(done.stdout, type=list[tuple[str, str]])


def test_each_line_by_its_level_and_without_secrets() -> None:
    lines = said("os.write(1, b'one\\n[WARNING]: swordfish\\n'); os.write(2, b'[ERROR]: no end')")

    assert lines == [("info", "one"), ("warning", "[WARNING]: ****"), ("error", "[ERROR]: no end")]


def test_a_line_without_an_end_is_cut() -> None:
    (line, after) = said("os.write(1, b'x' * 3_000_000 + b'\\nafter')")

    assert line == ("info", "x" * 16_384)
    assert after == ("info", "after")


def test_a_secret_at_the_edge_is_not_half_shown() -> None:
    (line,) = said("os.write(1, b'x' * 16_380 + b'swordfish')")

    assert line == ("info", "x" * 16_380 + "****")


def test_a_flood_is_read_and_not_kept() -> None:
    lines = said("for _ in range(6000): os.write(1, b'y' * 9_999 + b'\\n')")

    assert sum(len(text) for _, text in lines) < 4_300_000
    assert lines[-1] == ("warning", "what else is printed is not kept")
