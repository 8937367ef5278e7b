import socket
import struct
import threading
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.errors import Mistake, Unavailable
from bootstrapper.templates.confd.srv import (
    Record,
    Resolver,
    answers,
    in_order,
    lookup,
    question,
)
from support.eventually import eventually

NAME = "_etcd._tcp.example.com"


def reply(*records: tuple[int, int, int, bytes], code: int = 0) -> bytes:
    """As a server writes it: the answers point to the name in the question."""
    asked = question(7, NAME)
    packet = struct.pack("!6H", 7, 0x8180 | code, 1, len(records), 0, 0) + asked[12:]
    for priority, weight, port, host in records:
        target = b"".join(bytes((len(each),)) + each for each in host.split(b".")) + b"\xc0\x17"
        data = struct.pack("!3H", priority, weight, port) + target
        packet += b"\xc0\x0c" + struct.pack("!2HIH", 33, 1, 60, len(data)) + data
    return packet


def test_targets_are_read_with_names_that_point_back() -> None:
    assert answers(reply((10, 5, 2379, b"a"), (20, 0, 4001, b"b.c"))) == [
        Record(10, 5, 2379, "a.example.com"),
        Record(20, 0, 4001, "b.c.example.com"),
    ]


def test_no_such_name_has_no_targets() -> None:
    assert answers(reply(code=3)) == []


def test_a_server_that_fails_is_an_error() -> None:
    with pytest.raises(ValueError, match="code 2"):
        answers(reply(code=2))


def test_lower_priorities_come_first() -> None:
    found = [Record(20, 1, 1, "c"), Record(10, 0, 1, "b"), Record(10, 9999, 1, "a")]

    assert in_order(found)[-1].host == "c"


def one_port() -> tuple[socket.socket, socket.socket] | None:
    """UDP and TCP on the same port; None where somebody has the one of them."""
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    try:
        return udp, socket.create_server(udp.getsockname())
    except OSError:
        udp.close()
        return None


class Dns:
    """A server of one answer, over UDP and TCP on one port; `cut`: over UDP it does not fit."""

    def __init__(self, packet: bytes, *, cut: bool = False) -> None:
        self._packet, self._cut = packet, cut
        found = eventually(one_port)
        assert found is not None
        self._udp, self._tcp = found
        self.address: tuple[str, int] = self._udp.getsockname()
        self.asked: list[bytes] = []
        for serve in (self._over_udp, self._over_tcp):
            threading.Thread(target=serve, daemon=True).start()

    def _over_udp(self) -> None:
        with self._udp:
            while True:
                asked, who = self._udp.recvfrom(4096)
                self.asked.append(asked)
                cut = asked[:2] + struct.pack("!5H", 0x8380, 0, 0, 0, 0)
                self._udp.sendto(cut if self._cut else asked[:2] + self._packet[2:], who)

    def _over_tcp(self) -> None:
        with self._tcp:
            link, _ = self._tcp.accept()
            asked = link.recv(4096)[2:]
            packet = asked[:2] + self._packet[2:]
            link.sendall(struct.pack("!H", len(packet)) + packet)
            link.close()


@pytest.mark.parametrize("cut", [False, True])
def test_a_server_is_asked_over_udp_and_over_tcp_where_that_is_too_small(cut: bool) -> None:
    server = Dns(reply((20, 0, 2379, b"b"), (10, 0, 4001, b"a")), cut=cut)

    assert lookup(NAME + ".", Resolver((server.address,))) == (
        "a.example.com:4001",
        "b.example.com:2379",
    )
    assert server.asked[0][2:] == question(0, NAME)[2:]


def test_the_next_server_and_the_next_domain_are_asked() -> None:
    empty, full = Dns(reply(code=3)), Dns(reply((1, 1, 1, b"a")))
    broken = Dns(reply(code=2))

    assert lookup(NAME, Resolver((broken.address, full.address))) == ("a.example.com:1",)
    with pytest.raises(Mistake, match="no such record"):
        lookup(NAME, Resolver((empty.address,), ("one", "two")))
    assert [asked[12:] for asked in empty.asked] == [
        question(0, name)[12:] for name in (NAME, f"{NAME}.one", f"{NAME}.two")
    ]


def test_no_server_that_answers_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="Cannot get nodes from SRV records"):
        lookup(NAME, Resolver((Dns(reply(code=2)).address,)))


@given(st.binary(max_size=200))
def test_any_packet_is_read_or_refused(packet: bytes) -> None:
    with suppress(ValueError, IndexError, struct.error):
        answers(packet)
