"""One kind of DNS question that the C library does not ask: SRV records (RFC 2782, RFC 1035).

The name servers and search domains are resolv.conf's. No answer in time, or none at all: no
services. A truncated answer is asked for again over TCP.
"""

import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

RESOLV_CONF = Path("/etc/resolv.conf")
PATIENCE = 5.0  # seconds for each server
SRV, IN = 33, 1
POINTER = 0xC0
TRUNCATED = 0x02
HEADER = struct.Struct("!HHHHHH")
MOST_JUMPS = 64


class Service(NamedTuple):
    target: str  # with its final dot
    port: int
    priority: int
    weight: int


class Resolver(NamedTuple):
    servers: tuple[str, ...]
    search: tuple[str, ...] = ()
    port: int = 53


def system_resolver(path: Path = RESOLV_CONF) -> Resolver:
    servers: list[str] = []
    search: tuple[str, ...] = ()
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        match line.split():
            case ["nameserver", server, *_]:
                servers.append(server)
            case ["search" | "domain", *domains]:
                search = tuple(domains)
    return Resolver(tuple(servers), search)


def services(name: str, resolver: Resolver | None = None) -> tuple[Service, ...]:
    resolver = resolver or system_resolver()
    names = (
        [name] if name.endswith(".") else [name, *(f"{name}.{each}" for each in resolver.search)]
    )
    for each in names:
        try:
            query = _query(each.rstrip("."))
        except UnicodeError:
            return ()
        for server in resolver.servers:
            answer = _ask(server, resolver.port, query)
            if answer is not None and (found := tuple(_services(answer))):
                return found
    return ()


def _query(name: str) -> bytes:
    labels = [label.encode("ascii") for label in name.split(".")]
    if not all(0 < len(label) < POINTER >> 1 for label in labels):
        raise UnicodeError(name)
    number = int.from_bytes(os.urandom(2), "big")
    question = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    return HEADER.pack(number, 0x0100, 1, 0, 0, 0) + question + struct.pack("!HH", SRV, IN)


def _ask(server: str, port: int, query: bytes) -> bytes | None:
    try:
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as link:
            link.settimeout(PATIENCE)
            link.connect((server, port))
            link.send(query)
            answer = link.recv(65535)
        if answer[:2] != query[:2]:
            return None
        return _ask_by_tcp(server, port, query) if answer[2] & TRUNCATED else answer
    except (OSError, IndexError):
        return None


def _ask_by_tcp(server: str, port: int, query: bytes) -> bytes:
    with socket.create_connection((server, port), timeout=PATIENCE) as link:
        link.sendall(struct.pack("!H", len(query)) + query)
        with link.makefile("rb") as stream:
            (size,) = struct.unpack("!H", stream.read(2))
            return stream.read(size)


def _services(answer: bytes) -> Iterator[Service]:
    try:
        yield from list(_records(answer))
    except (struct.error, IndexError, UnicodeDecodeError):
        return


def _records(answer: bytes) -> Iterator[Service]:
    _, _, questions, answers, _, _ = HEADER.unpack_from(answer)
    position = HEADER.size
    for _ in range(questions):
        _, position = _name(answer, position)
        position += 4
    for _ in range(answers):
        _, position = _name(answer, position)
        kind, group, _, size = struct.unpack_from("!HHIH", answer, position)
        position += 10
        if (kind, group) == (SRV, IN):
            priority, weight, port = struct.unpack_from("!HHH", answer, position)
            target, _ = _name(answer, position + 6)
            yield Service(target, port, priority, weight)
        position += size


def _name(answer: bytes, position: int) -> tuple[str, int]:
    """A name, its labels perhaps somewhere else, and where the reading goes on."""
    labels: list[str] = []
    after: int | None = None
    for _ in range(MOST_JUMPS):
        size = answer[position]
        if size >= POINTER:
            after = after or position + 2
            position = (size - POINTER) << 8 | answer[position + 1]
        elif size:
            labels.append(answer[position + 1 : position + 1 + size].decode("ascii"))
            position += 1 + size
        else:
            return f"{'.'.join(labels)}.", after or position + 1
    raise IndexError("the name does not end")
