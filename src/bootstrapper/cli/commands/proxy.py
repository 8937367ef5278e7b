"""The HAProxy of this machine: its servers, and what an operator says of one at run time."""

from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bootstrapper.cli.command import Command, Session
from bootstrapper.cli.telling.proxy import ProxyServer, tell_proxy
from bootstrapper.errors import Mistake, Unknown

if TYPE_CHECKING:
    from bootstrapper.haproxy.socket import Socket

SOCKET = "/run/haproxy/admin.sock"
HEAVIEST = 256


def named(names: Sequence[str], word: str) -> str:
    """`backend/server`, or a server's name that only one backend has."""
    found = [each for each in names if word in (each, each.partition("/")[2])]
    if not found:
        raise Unknown(f"no server {word!r}")
    if len(found) > 1:
        raise Mistake(f"several servers {word}: name one of {', '.join(found)}")
    return found[0]


def _status(session: Session) -> int:
    from bootstrapper.haproxy.answers import read_stat

    stats = read_stat(_socket(session).ask("show stat"))
    session.out.show(tuple(_server(x) for x in stats if x["type"] in ("1", "2")), tell_proxy)
    return 0


def _server(stat: Mapping[str, str]) -> ProxyServer:
    """A backend is a row of its own, without a server."""
    whole = stat["type"] == "1"
    return ProxyServer(
        stat["pxname"], "" if whole else stat["svname"], stat.get("addr") or "", stat["status"],
        int(stat["weight" if whole else "uweight"] or 0), int(stat["scur"] or 0),
        int(stat["rate"] or 0), int(stat["stot"] or 0),
    )  # fmt: skip


def _say(session: Session, what: str, text: str) -> int:
    from bootstrapper.haproxy.commands import Step

    socket = _socket(session)
    names = [f"{row.backend}/{row.name}" for row in socket.states()]
    name = named(names, session.args.name)
    socket.say(Step(f"set server {name} {what}"))
    session.out.done({"server": name, "set": what}, f"{name} {text}")
    return 0


def _drain(session: Session) -> int:
    return _say(session, "state drain", "drains: it gets no new sessions")


def _ready(session: Session) -> int:
    return _say(session, "state ready", "is ready")


def _weight(session: Session) -> int:
    weight = session.args.weight
    if not 0 <= weight <= HEAVIEST:
        raise Mistake(f"{weight} is not between 0 and {HEAVIEST}", field="weight")
    return _say(session, f"weight {weight}", f"has the weight {weight}")


def _socket(session: Session) -> "Socket":
    from bootstrapper.haproxy.socket import Socket

    return Socket(session.args.socket)


def _where(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--socket", metavar="PATH", default=SOCKET, help="HAProxy's admin socket, or HOST:PORT"
    )


def _name(parser: ArgumentParser) -> None:
    _where(parser)
    parser.add_argument("name", metavar="NAME", help="backend/server, or a server's only name")


def _name_and_weight(parser: ArgumentParser) -> None:
    _name(parser)
    parser.add_argument("weight", metavar="N", type=int, help="0 to 256")


COMMANDS = (
    Command(
        name="proxy",
        summary="this machine's HAProxy, at run time",
        parts=(
            Command(name="status", summary="show backends and servers", arguments=_where,
                    run=_status),
            Command(name="drain", summary="give a server no new sessions", arguments=_name,
                    run=_drain),
            Command(name="ready", summary="let it take requests again", arguments=_name,
                    run=_ready),
            Command(name="weight", summary="give it another weight", arguments=_name_and_weight,
                    run=_weight),
        ),
    ),
)  # fmt: skip
