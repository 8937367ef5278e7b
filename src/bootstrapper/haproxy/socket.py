"""The admin socket: commands in, answers out. Unix, or TCP as HOST:PORT.

Each question is a connection of its own: it costs 50 µs, and one that stayed open would go on
talking to the old worker after a reload. Several commands go over one, in interactive mode.
"""

import re
import socket
from collections.abc import Iterator, Sequence

from bootstrapper.errors import Mistake, Refused, Unavailable
from bootstrapper.haproxy.answers import Info, Row, read_info, read_states
from bootstrapper.haproxy.commands import Step

PROMPT = b"\n> "
AT_ONCE = 40
"""Commands sent before an answer is read: few enough for what the two ends hold in between."""
PIECE = 1 << 16
LONGEST = 15_000
"""HAProxy reads a command into one buffer, of 16 kB unless tuned."""


_ONE = re.compile(r"[ -:=-~]*")
"""Printable, without `;`, and without `<`, which begins a payload."""


class Socket:
    def __init__(self, path: str, timeout: float = 5.0) -> None:
        """`timeout`, in seconds, is for each wait on HAProxy."""
        self.path = path
        self.timeout = timeout

    def ask(self, command: str) -> str:
        """Unavailable when it is not there or too slow. What HAProxy thinks of it is the answer."""
        _check(command)
        try:
            with self._open() as link:
                link.sendall(command.encode() + b"\n")
                return b"".join(iter(lambda: link.recv(PIECE), b"")).decode(errors="replace")
        except OSError as error:
            raise self._away(error) from error

    def ask_all(self, commands: Sequence[str]) -> tuple[str, ...]:
        """One after another; an answer for each."""
        for command in commands:
            _check(command)
        if len(commands) < 2:  # noqa: PLR2004
            return tuple(self.ask(each) for each in commands)
        try:
            with self._open() as link:
                return tuple(_talk(link, commands))
        except OSError as error:
            raise self._away(error) from error

    def say(self, *steps: Step) -> None:
        """Refused, with HAProxy's words, when one of them fails. Those after it are not said."""
        for at in range(0, len(steps), AT_ONCE):
            batch = steps[at : at + AT_ONCE]
            for step, answer in zip(batch, self.ask_all([x.line for x in batch]), strict=True):
                if not step.fits(answer):
                    raise Refused(f"HAProxy on {step.line!r}: {' '.join(answer.split())[:300]}")

    def info(self) -> Info:
        return read_info(self.ask("show info"))

    def states(self, backend: str = "") -> tuple[Row, ...]:
        """Of one backend, or of all."""
        return read_states(self.ask(f"show servers state {backend}".strip()))

    def _open(self) -> socket.socket:
        if "/" in self.path:
            link = socket.socket(socket.AF_UNIX)
            link.settimeout(self.timeout)
            try:
                link.connect(self.path)
            except BaseException:
                link.close()
                raise
            return link
        host, _, port = self.path.rpartition(":")
        if not host or not port.isdecimal():
            raise Mistake(f"{self.path!r} is neither a path nor HOST:PORT", field="socket")
        return socket.create_connection((host.strip("[]"), int(port)), self.timeout)

    def _away(self, error: OSError) -> Unavailable:
        return Unavailable(f"HAProxy does not answer at {self.path}: {error}")


def _check(command: str) -> None:
    """A `;` would begin another one."""
    if not _ONE.fullmatch(command) or len(command) > LONGEST:
        raise Mistake(f"this is not one command: {command[:80]!r}")


def _talk(link: socket.socket, commands: Sequence[str]) -> Iterator[str]:
    link.sendall(b"prompt\n")
    rest = bytearray()
    _answer(link, rest)
    for at in range(0, len(commands), AT_ONCE):
        batch = commands[at : at + AT_ONCE]
        link.sendall("".join(f"{each}\n" for each in batch).encode())
        for _ in batch:
            yield _answer(link, rest)


def _answer(link: socket.socket, rest: bytearray) -> str:
    """Up to the next prompt; `rest` keeps what came with it of the next answer."""
    seen = 0
    while (end := rest.find(PROMPT, max(0, seen - len(PROMPT)))) < 0:
        seen = len(rest)
        piece = link.recv(PIECE)
        if not piece:
            raise ConnectionResetError("it hung up in the middle of an answer")
        rest += piece
    answer = rest[:end].decode(errors="replace")
    del rest[: end + len(PROMPT)]
    return answer
