"""The entry point: arguments to a command, its errors to words and an exit code."""

import sys
from collections.abc import Callable, Sequence

from bootstrapper.cli.command import Command, Session
from bootstrapper.cli.commands import (
    audit,
    brakes,
    chat,
    completion,
    content,
    discovery,
    fleet,
    jobs,
    kv,
    notify,
    policy,
    proxy,
    registering,
    run,
    schedules,
    serf,
    server,
    settings,
    templates,
    tokens,
)
from bootstrapper.cli.following import INTERRUPTED
from bootstrapper.cli.launch import action_commands
from bootstrapper.cli.output import Output
from bootstrapper.cli.parser import build_parser
from bootstrapper.cli.telling.lines import Tone, clean
from bootstrapper.errors import Denied, Error, Mistake

READER_GONE = 141  # 128 + SIGPIPE
COMMANDS: tuple[Command, ...] = (
    *jobs.COMMANDS,
    *brakes.COMMANDS,
    *schedules.COMMANDS,
    *policy.COMMANDS,
    *tokens.COMMANDS,
    *audit.COMMANDS,
    *content.COMMANDS,
    *fleet.COMMANDS,
    *registering.COMMANDS,
    *kv.COMMANDS,
    *discovery.COMMANDS,
    *templates.COMMANDS,
    *proxy.COMMANDS,
    *serf.COMMANDS,
    *notify.COMMANDS,
    *run.COMMANDS,
    *server.COMMANDS,
    *chat.COMMANDS,
    *settings.COMMANDS,
    *completion.COMMANDS,
)


def main(argv: Sequence[str] | None = None) -> int:
    words = sys.argv[1:] if argv is None else list(argv)
    out = Output(sys.stdout, sys.stderr, json="--json" in words)
    return _guarded(lambda: _run(words, out), out)


def _run(words: Sequence[str], out: Output) -> int:
    args = build_parser(COMMANDS, _actions_for(words)).parse_args(words)
    if args.run is None:
        args.parser.print_help(sys.stderr)
        return Mistake.exit_code
    out.json = args.json
    run: Callable[[Session], int] = args.run
    return run(Session(args, out))


def _actions_for(words: Sequence[str]) -> tuple[Command, ...]:
    """Finding the installed actions takes a while, which a command of our own need not wait for."""
    own = {command.name for command in COMMANDS}
    return () if words and words[0] in own else action_commands()


def _guarded(run: Callable[[], int], out: Output) -> int:
    try:
        return run()
    except Error as error:
        out.note(_sentence(error), Tone.BAD)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        out.hang_up()
        return READER_GONE


def _sentence(error: Error) -> str:
    field = f"{error.field}: " if isinstance(error, Mistake) and error.field else ""
    field = "" if str(error).startswith(field) else field  # a list of faults names each place
    rule = f"rule {error.rule!r}" if isinstance(error, Denied) and error.rule else ""
    rule = f" ({rule})" if rule and rule not in str(error) else ""
    return f"bootstrapper: {clean(f'{field}{error}{rule}')}"


if __name__ == "__main__":
    sys.exit(main())
