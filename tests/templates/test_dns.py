"""SRV look-ups against a name server of our own on a loopback port."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bootstrapper.templates.dns import Resolver, Service, services, system_resolver


def name(text: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def answer_to(query: bytes) -> bytes:
    """Two services for `_http._tcp.example.com`, the second's name by a pointer; else none."""
    question = query[12:]
    asked = question[:-4] == name("_http._tcp.example.com")
    records = b""
    if asked:
        for target, port in ((name("web1.example.com"), 80), (b"\x04web2\xc0\x17", 8080)):
            data = struct.pack("!HHH", 10, 5, port) + target
            records += b"\xc0\x0c" + struct.pack("!HHIH", 33, 1, 60, len(data)) + data
    return query[:2] + struct.pack("!HHHHH", 0x8180, 1, 2 * asked, 0, 0) + question + records


@contextmanager
def name_server(garble: bool = False) -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                query, client = link.recvfrom(4096)
                if query == b"stop":
                    return
                reply = answer_to(query)
                link.sendto(reply[:-3] if garble else reply, client)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield link.getsockname()[1]
        finally:
            link.sendto(b"stop", link.getsockname())
            thread.join()


FOUND = (
    Service("web1.example.com.", 80, 10, 5),
    Service("web2.example.com.", 8080, 10, 5),
)


@pytest.mark.parametrize("asked", ["_http._tcp.example.com", "_http._tcp.example.com."])
def test_srv_records_are_read(asked: str) -> None:
    with name_server() as port:
        assert services(asked, Resolver(("127.0.0.1",), port=port)) == FOUND


def test_search_domains_are_tried() -> None:
    with name_server() as port:
        resolver = Resolver(("127.0.0.1",), ("other.org", "example.com"), port)
        assert services("_http._tcp", resolver) == FOUND


@pytest.mark.parametrize("asked", ["_no._tcp.example.com", "", "a..b", "é.com", "x" * 64])
def test_what_is_not_there_is_no_service(asked: str) -> None:
    with name_server() as port:
        assert services(asked, Resolver(("127.0.0.1",), port=port)) == ()


def test_a_garbled_answer_is_no_service() -> None:
    with name_server(garble=True) as port:
        assert services("_http._tcp.example.com", Resolver(("127.0.0.1",), port=port)) == ()


def test_without_a_name_server_there_are_no_services() -> None:
    assert services("_http._tcp.example.com", Resolver(())) == ()


def test_the_system_tells_its_servers_and_domains(tmp_path: Path) -> None:
    conf = tmp_path / "resolv.conf"
    conf.write_text("# said\nnameserver 10.0.0.1\nnameserver ::1\nsearch a.org b.org\noptions x\n")
    assert system_resolver(conf) == Resolver(("10.0.0.1", "::1"), ("a.org", "b.org"))
    assert system_resolver(tmp_path / "none") == Resolver(())
