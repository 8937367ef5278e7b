"""Nodes from an SRV record (RFC 2782), asked of the servers that /etc/resolv.conf names.

The standard library knows no SRV; this is one question over UDP, and over TCP when the answer
does not fit. Packet reading is pure and takes whatever bytes come.
"""

import os
import random
import socket
import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from bootstrapper.errors import Mistake, Unavailable

SECONDS = 2.0
_SRV, _IN, _TRUNCATED, _NO_SUCH_NAME = 33, 1, 0x0200, 3
_JUMPS = 64


class Record(NamedTuple):
    priority: int
    weight: int
    port: int
    host: str


class Resolver(NamedTuple):
    """Whom to ask, and what to add to a name that does not end with a dot."""

    servers: tuple[tuple[str, int], ...]
    domains: tuple[str, ...] = ()


def lookup(record: str, resolver: Resolver | None = None) -> tuple[str, ...]:
    """host:port of each target, lowest priority first and by weight among equals.

    `resolver`: that of /etc/resolv.conf, unless another is given.
    """
    resolver = resolver or from_resolv_conf()
    trouble: Exception | None = None
    for name in _names(record, resolver.domains):
        for server in resolver.servers:
            try:
                found = _ask(server, name.rstrip("."))
            except (OSError, ValueError, struct.error, IndexError) as error:
                trouble = error
                continue
            if found:
                return tuple(_address(each) for each in in_order(found))
            break
    if trouble is not None:
        raise Unavailable(f"Cannot get nodes from SRV records: {record}: {trouble}") from trouble
    raise Mistake(f"Cannot get nodes from SRV records: {record}: no such record")


def in_order(records: Sequence[Record]) -> list[Record]:
    """RFC 2782: by priority; within one, drawn at random by weight."""
    drawn = [(each.priority, -(random.random() ** (1 / (each.weight or 0.01))), each)
             for each in records]  # fmt: skip
    return [each for _, _, each in sorted(drawn)]


def question(number: int, name: str) -> bytes:
    labels = b"".join(bytes((len(label),)) + label for label in name.encode().split(b"."))
    return (
        struct.pack("!6H", number, 0x0100, 1, 0, 0, 0) + labels + struct.pack("!B2H", 0, _SRV, _IN)
    )


def answers(packet: bytes) -> list[Record]:
    """ValueError, IndexError or struct.error for what is no DNS answer."""
    _, flags, questions, count, _, _ = struct.unpack_from("!6H", packet)
    if flags & 15 not in (0, _NO_SUCH_NAME):
        raise ValueError(f"the DNS server answered with code {flags & 15}")
    place = 12
    for _ in range(questions):
        _, place = _name(packet, place)
        place += 4
    found = []
    for _ in range(count):
        _, place = _name(packet, place)
        kind, _, _, size = struct.unpack_from("!2HIH", packet, place)
        place += 10
        if kind == _SRV:
            priority, weight, port = struct.unpack_from("!3H", packet, place)
            found.append(Record(priority, weight, port, _name(packet, place + 6)[0]))
        place += size
    return found


def _name(packet: bytes, place: int) -> tuple[str, int]:
    """A name and the place behind it; names may point back into the packet."""
    labels, end = [], 0
    for _ in range(_JUMPS):
        size = packet[place]
        if size >= 0xC0:  # noqa: PLR2004 the two bits that mark a pointer
            end = end or place + 2
            place = struct.unpack_from("!H", packet, place)[0] & 0x3FFF
        elif size:
            labels.append(packet[place + 1 : place + 1 + size].decode("ascii", "replace"))
            place += 1 + size
        else:
            return ".".join(labels), end or place + 1
    raise ValueError("a name in the DNS answer has no end")


def _names(record: str, domains: Sequence[str]) -> list[str]:
    if record.endswith("."):
        return [record]
    return [record, *(f"{record}.{domain}" for domain in domains)]


def _ask(server: tuple[str, int], name: str) -> list[Record]:
    number = int.from_bytes(os.urandom(2))
    family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as link:
        link.settimeout(SECONDS)
        link.connect(server)
        link.send(question(number, name))
        packet = link.recv(65535)
    if packet[:2] != number.to_bytes(2):
        raise ValueError("the answer is to another question")
    if struct.unpack_from("!H", packet, 2)[0] & _TRUNCATED:
        packet = _ask_again(server, question(number, name))
    return answers(packet)


def _ask_again(server: tuple[str, int], asked: bytes) -> bytes:
    """Over TCP, where an answer has its length before it."""
    with socket.create_connection(server, SECONDS) as link, link.makefile("rb") as file:
        link.sendall(struct.pack("!H", len(asked)) + asked)
        (size,) = struct.unpack("!H", file.read(2))
        return file.read(size)


def _address(record: Record) -> str:
    return f"{record.host}:{record.port}"


def from_resolv_conf() -> Resolver:
    servers: list[str] = []
    domains: list[str] = []
    with suppress(OSError), open("/etc/resolv.conf") as file:
        for key, values in _lines(file):
            servers += values[:1] if key == "nameserver" else []
            domains = values if key in ("search", "domain") else domains
    return Resolver(tuple((each, 53) for each in servers or ["127.0.0.1"]), tuple(domains))


def _lines(file: Iterator[str]) -> Iterator[tuple[str, list[str]]]:
    for line in file:
        words = line.split()
        if words and words[0][0] not in "#;":
            yield words[0], words[1:]
