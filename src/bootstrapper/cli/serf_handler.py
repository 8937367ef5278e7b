"""`bootstrapper serf-handler`: an event handler of `serf agent` that is done in 100 ms.

Serf's next event waits for it, so it reads what it is given, leaves the rest to a process of its
own, and imports nothing before that but the standard library's least.
"""

import os
import sys
import time
from select import select

TYPE_CHECKING = False  # typing takes 3 ms to import, argparse 10
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from bootstrapper.fleet.serf.handed import Handed

PIECE = 1 << 16
PATIENCE = 1.0
"""Seconds for the agent to say all: it does at once, unless its machine is very busy."""
PAUSES = (0.0, 1.0, 4.0)  # seconds before each try
ANSWER = 5.0  # seconds
PLACE = "/fleet/serf-events"
WRONG = 2


def main(words: "Sequence[str]") -> int:
    began = time.monotonic()
    return handle(_parsed(words) if words else None, began)


def _parsed(words: "Sequence[str]") -> "Namespace":
    from argparse import ArgumentParser

    parser = ArgumentParser("bootstrapper serf-handler", description="a handler of Serf's events")
    parser.add_argument("--url", help="the server; $BOOTSTRAPPER_URL")
    parser.add_argument("--token-file", metavar="FILE", help="$BOOTSTRAPPER_TOKEN_FILE")
    parser.add_argument("--settings", metavar="FILE", help="$BOOTSTRAPPER_SETTINGS")
    own_arguments(parser)
    return parser.parse_args(words)


def own_arguments(parser: "ArgumentParser") -> None:
    """Those that no other command has."""
    parser.add_argument(
        "--wait", action="store_true", help="until it is handed over: to try out a setup"
    )


def handle(args: "Namespace | None", began: float) -> int:
    event = os.environ.get("SERF_EVENT")
    if event is None:
        sys.stderr.write("bootstrapper: SERF_EVENT is not set: `serf agent` runs this\n")
        return WRONG
    text = _read()
    if not event.startswith("member-"):  # it says nothing of members
        return 0
    if args and args.wait:
        fault, code = _hand_over(args, event, text, began, pauses=PAUSES[:1])
        sys.stderr.write(f"bootstrapper: {fault}\n" if fault else "")
        return code
    if not _in_the_background():
        return 0
    try:
        fault, _ = _hand_over(args, event, text, began, pauses=PAUSES)
        if fault:
            _complain(fault)
    finally:
        os._exit(0)


def _read() -> bytes:
    """Whole lines only: the agent's end closes when this process has ended."""
    found, until = bytearray(), time.monotonic() + PATIENCE
    while select([0], [], [], max(until - time.monotonic(), 0.0))[0]:
        piece = os.read(0, PIECE)
        if not piece:
            return bytes(found)
        found += piece
    return bytes(found[: found.rfind(b"\n") + 1])


def _in_the_background() -> bool:
    """Whether this is the process that goes on, nobody's child, with nobody's pipes open."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return False
    os.setsid()
    if os.fork():
        os._exit(0)
    os.nice(10)  # what serves on this machine goes first
    nothing = os.open(os.devnull, os.O_RDWR)
    for each in (0, 1, 2):
        os.dup2(nothing, each)
    return True


def _hand_over(
    args: "Namespace | None", event: str, text: bytes, began: float, *, pauses: "Sequence[float]"
) -> tuple[str, int]:
    """ "" when it was taken, else why not; and the exit code."""
    from bootstrapper.errors import Error, Unavailable

    fault = ""
    for pause in pauses:
        time.sleep(pause)
        try:
            _post(args, _handed(event, text, began))
        except Unavailable as error:
            fault = str(error)
        except Error as error:
            return str(error), error.exit_code
        else:
            return "", 0
    return fault, Unavailable.exit_code


def _handed(event: str, text: bytes, began: float) -> "Handed":
    import msgspec

    from bootstrapper.errors import Mistake
    from bootstrapper.fleet.serf.handed import Handed, read_members

    found = {
        "event": event,
        "by": os.environb.get(b"SERF_SELF_NAME", b"").decode(errors="backslashreplace"),
        "members": read_members(text.decode(errors="backslashreplace")),
        "age": time.monotonic() - began,
    }
    try:
        return msgspec.convert(found, Handed, from_attributes=True)
    except msgspec.ValidationError as error:
        raise Mistake(f"this is no event of members: {error}") from error


def _post(args: "Namespace | None", handed: "Handed") -> None:
    from pathlib import Path

    import msgspec

    from bootstrapper import settings as settings_file
    from bootstrapper.cli.connect import choose_url, find_token
    from bootstrapper.client.server import Server
    from bootstrapper.settings import Settings

    def settings() -> Settings:
        named = (args and args.settings) or os.environ.get(settings_file.ENVIRONMENT + "SETTINGS")
        return settings_file.load(Path(named) if named else settings_file.find())

    url = choose_url(args.url if args else None, os.environ, settings)
    file = Path(args.token_file) if args and args.token_file else None
    token = find_token(file, url, os.environ, settings)
    Server(url, token, timeout=ANSWER).ask("POST", PLACE, body=msgspec.json.encode(handed))


def _complain(fault: str) -> None:
    import syslog

    syslog.openlog("bootstrapper-serf-handler")
    syslog.syslog(syslog.LOG_WARNING, f"the event was not handed over: {fault}")
