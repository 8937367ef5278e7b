"""Completion scripts for shells, made from the same parser."""

from argparse import ArgumentParser

from bootstrapper.cli.command import Command, Session

SHELLS = ("bash", "zsh", "fish")


def _completion(session: Session) -> int:
    import shtab

    from bootstrapper.cli import main, parser
    from bootstrapper.cli.launch import action_commands

    whole = parser.build_parser(main.COMMANDS, action_commands())
    session.out.text(shtab.complete(whole, session.args.shell))
    return 0


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS)


COMMANDS = (
    Command(
        name="completion", summary="print a completion script", arguments=_arguments,
        run=_completion,
    ),
)  # fmt: skip
