"""docs/reference/cli.md names every command, and the flags that actions and commands have."""

import argparse
import re
from pathlib import Path

import pytest

from bootstrapper.cli.command import Command
from bootstrapper.cli.launch import action_commands
from bootstrapper.cli.main import COMMANDS
from bootstrapper.cli.parser import build_parser

DOC = (Path(__file__).parents[2] / "docs/reference/cli.md").read_text()


def verbs(commands: tuple[Command, ...], before: str = "bootstrapper") -> list[str]:
    found = []
    for command in commands:
        name = f"{before} {command.name}"
        found += [name, *verbs(command.parts, name)]
    return found


@pytest.mark.parametrize("verb", verbs((*action_commands(), *COMMANDS)))
def test_a_command_is_documented(verb: str) -> None:
    assert re.search(rf"`{verb}\b", DOC)


def flags(parser: argparse.ArgumentParser) -> set[str]:
    found: set[str] = set()
    for action in parser._actions:
        found.update(flag for flag in action.option_strings if flag.startswith("--"))
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                found |= flags(below)
    return found


def test_every_flag_is_documented() -> None:
    whole = build_parser(COMMANDS, action_commands())

    assert {flag for flag in flags(whole) if f"`{flag}" not in DOC} - {
        "--help",
        "--version",
    } == set()
