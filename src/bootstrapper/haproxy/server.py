"""A `server` line as a value. Pure."""

import ipaddress
import re
from collections.abc import Sequence

from msgspec import Struct

from bootstrapper.errors import Mistake
from bootstrapper.haproxy.options import Options, Version, as_words, read_options

MOST = 65535
_PLAIN = re.compile(r"[\w.:/@,=+%*()\[\]-]+", re.ASCII)
"""Letters that the file and the Runtime API read alike."""
_NAME = re.compile(r"[\w.:-]+", re.ASCII)
HEAVIEST = 256


class Server(Struct, frozen=True):
    name: str
    address: str
    port: int
    options: Options = ()

    @property
    def weight(self) -> int:
        return int(dict(self.options).get("weight", "1"))

    def has(self, option: str) -> bool:
        return any(name == option for name, _ in self.options)

    @property
    def place(self) -> str:
        return join(self.address, self.port)

    @property
    def essence(self) -> tuple[tuple[str, str], ...]:
        """What cannot be changed once it runs."""
        return tuple(sorted(x for x in self.options if x[0] not in ("weight", "disabled")))


def read_server(line: Sequence[str], inherited: Sequence[str], version: Version) -> Server:
    """`server NAME ADDRESS …`. Mistake for what cannot be had at run time, with the reason."""
    if len(line) < 3:  # noqa: PLR2004
        raise Mistake(f"{' '.join(line)!r} names no address")
    _, name, place, *own = line
    try:
        options = read_options((*inherited, *own), version)
        for word in (name, place, *as_words(options)):
            if not _PLAIN.fullmatch(word):
                raise Mistake(f"{word!r} may be read otherwise at run time")
        if not _NAME.fullmatch(name):
            raise Mistake("this is no name of a server")
        if _number(dict(options).get("weight", "1")) > HEAVIEST:
            raise Mistake(f"its weight is more than {HEAVIEST}")
        return Server(name, *split(place), options)
    except Mistake as error:
        raise Mistake(f"server {name}: {error}") from None


def _number(text: str) -> int:
    if not text.isdecimal():
        raise Mistake(f"{text!r} is no number")
    return int(text)


def split(place: str) -> tuple[str, int]:
    """`127.0.0.1:80`, `[::1]:80` or `::1:80`: an IP address and a port, and nothing else."""
    literal = place.removeprefix("ipv4@").removeprefix("ipv6@")
    address, _, port = literal.rpartition(":")
    try:
        found = str(ipaddress.ip_address(address.removeprefix("[").removesuffix("]")))
    except ValueError:
        raise Mistake(f"{place} is not an IP address and a port") from None
    if "%" in found:
        raise Mistake(f"{place} names an interface")
    if not port.isdecimal() or not 0 < int(port) <= MOST:
        raise Mistake(f"{place} has no port of its own")
    return found, int(port)


def join(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
