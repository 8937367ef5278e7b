"""The whole command line as one argparse parser, made from the commands."""

import argparse
from argparse import SUPPRESS, ArgumentParser
from collections.abc import Iterable

from bootstrapper import __version__
from bootstrapper.cli.command import Command

DESCRIPTION = "Run Ansible through one door, under one policy and one journal."
EPILOG = """\
exit codes: 0 done, 1 the job failed, 2 a mistake in the request, 75 try again later,
130 interrupted (a job that was followed goes on)
"""


def build_parser(commands: Iterable[Command], actions: Iterable[Command]) -> ArgumentParser:
    parser = ArgumentParser(
        prog="bootstrapper",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        usage="bootstrapper [options] COMMAND …",
    )
    parser.add_argument("--version", action="version", version=f"bootstrapper {__version__}")
    _add_general(parser, None)
    parser.set_defaults(run=None, parser=parser)
    _add_commands(parser, (*actions, *commands), "COMMAND")
    return parser


def _add_commands(parser: ArgumentParser, commands: Iterable[Command], metavar: str) -> None:
    choices = parser.add_subparsers(title="commands", metavar=metavar, prog=parser.prog)
    for command in commands:
        below = choices.add_parser(
            command.name,
            help=command.summary.replace("%", "%%"),
            description=f"{command.summary[:1].upper()}{command.summary[1:]}.\n{command.details}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            conflict_handler="resolve",  # an action's own flag goes before one of ours
        )
        _add_general(below, SUPPRESS)
        command.arguments(below)
        below.set_defaults(run=command.run, parser=below)
        if command.parts:
            _add_commands(below, command.parts, "WHAT")


def _add_general(parser: ArgumentParser, default: str | None) -> None:
    """Before or after the verb: SUPPRESS keeps the second from undoing the first."""
    group = parser.add_argument_group("connection and output")
    group.add_argument("--url", default=default, help="the server (BOOTSTRAPPER_URL)")
    group.add_argument(
        "--token-file", metavar="FILE", default=default,
        help="a file with the token (BOOTSTRAPPER_TOKEN_FILE, BOOTSTRAPPER_TOKEN)",
    )  # fmt: skip
    group.add_argument("--settings", metavar="FILE", default=default, help="the settings file")
    group.add_argument(
        "--json", action="store_true", default=default or False, help="answer in JSON lines"
    )
