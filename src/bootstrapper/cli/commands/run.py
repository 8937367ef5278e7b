"""`run -- CMD`: a service that is registered as long as its process lives."""

import shlex
from argparse import REMAINDER, ArgumentParser
from typing import TYPE_CHECKING

from bootstrapper.cli.command import Command, Session
from bootstrapper.cli.values import number, seconds, words
from bootstrapper.errors import Mistake

if TYPE_CHECKING:
    from bootstrapper.fleet.values import Check, Offer

DETAILS = """
Its exit code is the command's. SIGTERM drains the service first; HUP, QUIT, USR1 and USR2 go to the
command. The node's `bootstrapper watch` takes the registration up and asks its checks.

  bootstrapper run --service web --port 8080 --check-http /health --drain 5 -- ./server --port 8080
"""


def _run(session: Session) -> int:
    from bootstrapper.processes import run

    args = session.args
    command = args.words[1:] if args.words[:1] == ["--"] else args.words
    if not command:
        raise Mistake("no command is given: bootstrapper run … -- CMD", field="command")
    return run.run(
        session.settings, command, _offer(session), drain=args.drain, grace=args.grace,
        ttl=args.ttl,
    )  # fmt: skip


def _offer(session: Session) -> "Offer":
    from bootstrapper.fleet.values import Offer

    args = session.args
    return Offer(
        service=args.service, id=args.id, address=args.address, port=args.port,
        cluster=args.cluster, tags=tuple(each for part in args.tags for each in part),
        weight=args.weight, source="run", checks=_checks(session),
    )  # fmt: skip


def _checks(session: Session) -> "tuple[Check, ...]":
    from bootstrapper.fleet.values import Check

    args = session.args
    targets: list[tuple[str, str | tuple[str, ...]]] = []
    if args.check_http is not None:
        targets.append(("http", args.check_http))
    if args.check_tcp:
        targets.append(("tcp", ""))
    if args.check_command:
        try:
            targets.append(("command", tuple(shlex.split(args.check_command))))
        except ValueError as error:
            raise Mistake(f"{error}", field="--check-command") from None
    return tuple(
        Check(
            kind=kind, target=target, interval=args.interval, timeout=args.timeout,  # type: ignore[arg-type]
            rise=args.rise, fall=args.fall, grace=args.start_grace,
        )
        for kind, target in targets
    )  # fmt: skip


def _arguments(parser: ArgumentParser) -> None:
    whole = number(int)
    what = parser.add_argument_group("the service")
    what.add_argument("--service", metavar="NAME", required=True, help="its name")
    what.add_argument("--port", metavar="PORT", type=whole, required=True, help="its port")
    what.add_argument("--id", default="", help="its id; else node:service:port")
    what.add_argument("--address", default="", help="its address; else the node's")
    what.add_argument("--cluster", default="", help="its cluster; else the node's")
    what.add_argument(
        "--tag", dest="tags", metavar="TAG", type=words, action="append", default=[],
        help="a word for its readers; several: a,b",
    )  # fmt: skip
    what.add_argument("--weight", metavar="N", type=whole, default=100, help="0 to 256")
    _check_arguments(parser)
    how = parser.add_argument_group("its end")
    how.add_argument(
        "--drain", metavar="SECONDS", type=seconds, default=0.0,
        help="from SIGTERM to us until SIGTERM to the command, without new traffic",
    )  # fmt: skip
    how.add_argument(
        "--grace", metavar="SECONDS", type=seconds, default=10.0, help="from there to SIGKILL"
    )
    how.add_argument(
        "--ttl", metavar="SECONDS", type=seconds, default=0.0,
        help="the lease: how long it stays if we are killed; else fleet.lease",
    )  # fmt: skip
    parser.add_argument("words", nargs=REMAINDER, metavar="-- CMD …", help="what to run")


def _check_arguments(parser: ArgumentParser) -> None:
    whole = number(int)
    how = parser.add_argument_group("its checks; it gets traffic while all pass")
    how.add_argument("--check-http", metavar="PATH", help="a path or URL that answers 2xx or 3xx")
    how.add_argument("--check-tcp", action="store_true", help="its port accepts")
    how.add_argument("--check-command", metavar="WORDS", help="a program that ends with 0")
    how.add_argument(
        "--interval", metavar="SECONDS", type=seconds, default=0.5, help="between two questions"
    )
    how.add_argument(
        "--timeout", metavar="SECONDS", type=seconds, default=1.0, help="for an answer"
    )
    how.add_argument(
        "--rise", metavar="N", type=whole, default=1, help="good answers until it passes"
    )
    how.add_argument("--fall", metavar="N", type=whole, default=2, help="bad ones until it fails")
    how.add_argument(
        "--start-grace", metavar="SECONDS", type=seconds, default=0.0, help="it may take to start"
    )


COMMANDS = (
    Command(
        name="run",
        summary="run a command, registered as a service while it lives",
        details=DETAILS,
        arguments=_arguments,
        run=_run,
    ),
)
