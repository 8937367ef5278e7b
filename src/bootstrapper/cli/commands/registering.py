"""Services of scripts: register, deregister. Through the API: any machine with a token may."""

import socket
from argparse import ArgumentParser
from typing import Any

from bootstrapper.cli.command import Command, Session
from bootstrapper.cli.telling.lines import Tone
from bootstrapper.cli.values import number, seconds, words
from bootstrapper.errors import Mistake


def _register(session: Session) -> int:
    args = session.args
    node = args.node or _here(session)
    done = session.client.register(
        args.service, args.id or f"{node}:{args.service}:{args.port}", node=node, port=args.port,
        **_said(session),
    )  # fmt: skip
    session.out.done(done, f"{done.service} {done.node}/{done.id} is registered")
    if done.note and not session.out.json:
        session.out.note(done.note, Tone.CHANGED)
    return 0


def _here(session: Session) -> str:
    """The name by which this machine's watch goes, where the settings have it."""
    return session.settings.fleet.node or socket.gethostname()


def _said(session: Session) -> dict[str, Any]:
    """What was given; the server knows the rest."""
    args = session.args
    given = {
        "address": args.address, "tags": args.tags, "cluster": args.cluster, "ttl": args.ttl,
        "checks": _checks(session),
    }  # fmt: skip
    found = {name: value for name, value in given.items() if value}
    return found if args.weight is None else {**found, "weight": args.weight}


def _checks(session: Session) -> list[dict[str, Any]]:
    args = session.args
    checks: list[dict[str, Any]] = []
    if args.check_http:
        checks.append({"kind": "http", "target": args.check_http})
    if args.check_tcp:
        checks.append({"kind": "tcp"})
    return checks


def _deregister(session: Session) -> int:
    args = session.args
    if args.port is None and not args.id:
        raise Mistake("say its port, or its --id", field="port")
    node = args.node or ("" if args.id else _here(session))
    name = args.id or f"{node}:{args.service}:{args.port}"
    session.client.deregister(args.service, name, node=node)
    done = {"service": args.service, "id": name, "registered": False}
    session.out.done(done, f"{args.service} {name} is not registered any more")
    return 0


def _which(parser: ArgumentParser, port: str | None) -> None:
    parser.add_argument("service", metavar="SERVICE")
    parser.add_argument("port", metavar="PORT", type=number(int), nargs=port)
    parser.add_argument("--id", default="", help="its id (NODE:SERVICE:PORT)")


def _register_arguments(parser: ArgumentParser) -> None:
    _which(parser, None)
    parser.add_argument("--node", default="", help="where it runs (fleet.node, or this host)")
    parser.add_argument("--address", default="", help="its address (the node's)")
    parser.add_argument(
        "--tag", dest="tags", metavar="TAG", type=words, action="extend", default=[],
        help="a word for its readers; several: a,b",
    )  # fmt: skip
    parser.add_argument("--weight", metavar="N", type=number(int), help="0 to 256 (100)")
    parser.add_argument("--cluster", default="", help="its cluster (the node's)")
    parser.add_argument(
        "--ttl", metavar="TIME", type=seconds, default=0.0,
        help="gone after that unless registered again: 30, 5m",
    )  # fmt: skip
    parser.add_argument(
        "--check-http", metavar="URL", default="", help="a path or URL that its node's watch asks"
    )
    parser.add_argument(
        "--check-tcp", action="store_true", help="whether its port accepts: its node's watch looks"
    )


def _deregister_arguments(parser: ArgumentParser) -> None:
    _which(parser, "?")
    parser.add_argument(
        "--node", default="", help="where it is (fleet.node, or this host; with --id: wherever)"
    )


COMMANDS = (
    Command(name="register", summary="register a service that a script has started",
            arguments=_register_arguments, run=_register),
    Command(name="deregister", summary="take it away at once", arguments=_deregister_arguments,
            run=_deregister),
)  # fmt: skip
