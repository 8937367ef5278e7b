import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrapper.templates.confd.srv import Record, answers, in_order, question

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


@given(st.binary(max_size=200))
def test_any_packet_is_read_or_refused(packet: bytes) -> None:
    with suppress(ValueError, IndexError, struct.error):
        answers(packet)
