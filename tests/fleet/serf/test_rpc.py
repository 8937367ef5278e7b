"""What a real agent can be asked, and what would have put it, or the connection, off."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bootstrapper.errors import Error, Mistake, Refused, Unavailable
from bootstrapper.fleet.serf.members import Status
from bootstrapper.fleet.serf.rpc import Reply, Rpc
from bootstrapper.fleet.serf.tags import agent_settings
from support.eventually import eventually
from support.serf import Agent, Agents
from support.services import free_port


@pytest.fixture
def rpc(agent: Agent) -> Iterator[Rpc]:
    with agent.connect() as made:
        yield made


def test_an_agent_knows_itself(agent: Agent, rpc: Rpc) -> None:
    (me,) = rpc.members().values()

    assert (me.name, me.address, me.port) == (agent.name, "127.0.0.1", agent.port)
    assert me.status is Status.ALIVE
    assert me.tags["role"] == "web"
    assert me.joined_at == agent.address
    assert rpc.own_name() == agent.name
    assert rpc.stats()["runtime"]["os"] == "linux"


@pytest.mark.parametrize("key", ["", "sesame"], ids=["no key", "another key"])
def test_who_has_not_the_key_is_told_so_at_once(agent: Agent, key: str) -> None:
    with pytest.raises(Mistake, match="another key") as told:
        Rpc(agent.rpc_address, key).members()

    assert told.value.field == "fleet.serf.auth"


def test_nobody_there_is_no_answer() -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        Rpc(f"127.0.0.1:{free_port()}")


def test_an_address_without_a_port_is_a_mistake() -> None:
    with pytest.raises(Mistake, match="HOST:PORT"):
        Rpc("localhost")


def test_an_agent_that_stands_still_is_not_waited_for_longer_than_told(agents: Agents) -> None:
    frozen = agents.start("frozen")
    with Rpc(frozen.rpc_address, timeout=0.3) as rpc:
        frozen.freeze()
        began = time.monotonic()
        with pytest.raises(Unavailable, match="no answer to members within"):
            rpc.members()

        assert time.monotonic() - began < 1.0
        with pytest.raises(Unavailable):  # it is never mistaken for the next answer
            rpc.stats()
        frozen.thaw()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, True),
        ({"name": "asked-.*"}, True),
        ({"name": "asked"}, False),
        ({"status": "failed|alive"}, True),
        ({"status": "alive|failed"}, True),
        ({"status": "fail|a"}, False),
        ({"tags": {"role": "w[a-e]b"}}, True),
        ({"tags": {"role": "db"}}, False),
    ],
)
def test_patterns_fit_the_whole_text(rpc: Rpc, asked: dict[str, str], found: bool) -> None:
    assert bool(rpc.members_filtered(**asked)) is found  # type: ignore[arg-type]


def test_a_pattern_that_makes_the_agent_hang_up_is_a_mistake_and_is_not_sent(rpc: Rpc) -> None:
    with pytest.raises(Mistake, match="cannot be read") as told:
        rpc.members_filtered(tags={"role": "w(b"})

    assert told.value.field == "tags.role"
    assert rpc.members()


def test_tags_are_put_and_dropped_beside_the_others(agent: Agent, rpc: Rpc) -> None:
    rpc.tags({"zone": "a", "rack": "7"})
    rpc.tags({"zone": "b"}, ["rack"])

    assert rpc.members()[agent.name].tags == {"role": "web", "zone": "b"}
    rpc.tags({}, ["zone"])


def test_tags_that_are_too_many_are_a_mistake_and_change_nothing(agent: Agent, rpc: Rpc) -> None:
    before = rpc.members()[agent.name].tags
    with pytest.raises(Mistake, match="512"):
        rpc.tags({"long": "x" * 501})

    assert rpc.members()[agent.name].tags == before


def test_tags_of_just_the_size_are_taken(agent: Agent, rpc: Rpc) -> None:
    full = "x" * (512 - 2 - len("\x04role\x03web") - len("\x04long") - 3)
    rpc.tags({"long": full})

    assert rpc.members()[agent.name].tags["long"] == full
    with pytest.raises(Mistake, match="513 bytes"):
        rpc.tags({"long": full + "x"})
    rpc.tags({}, ["long"])


def test_text_that_is_not_utf8_comes_back_as_it_was(agent: Agent, rpc: Rpc) -> None:
    odd = b"caf\xe9".decode(errors="surrogateescape")
    rpc.tags({"odd": odd})

    assert rpc.members()[agent.name].tags["odd"] == odd
    rpc.tags({}, ["odd"])


def test_events_come_to_those_who_stream(rpc: Rpc) -> None:
    stream = rpc.stream("user")
    rpc.event("deploy", b"\xff\x00 v7")

    record = rpc.record(5.0, stream)

    assert record is not None
    assert (record.body["Name"], record.body["Payload"]) == (b"deploy", b"\xff\x00 v7")


def test_answers_are_told_from_what_streams_in_between(agent: Agent, rpc: Rpc) -> None:
    stream, log = rpc.stream("user"), rpc.monitor("DEBUG")
    for number in range(30):
        rpc.event(f"e{number}", str(number).encode())
        assert agent.name in rpc.members()

    names = [record.body["Name"] for _ in range(30) if (record := rpc.record(5.0, stream))]

    assert names == [f"e{number}".encode() for number in range(30)]
    assert rpc.record(5.0, log) is not None


def test_a_stream_that_was_stopped_is_not_heard_any_more(rpc: Rpc) -> None:
    stream = rpc.stream("user")
    rpc.stop(stream)
    rpc.event("late")

    assert rpc.record(0.2) is None
    assert rpc.members()


def test_a_filter_that_is_none_is_refused_and_the_connection_stays(rpc: Rpc) -> None:
    with pytest.raises(Refused, match="Invalid event filter"):
        rpc.stream("weather")

    assert rpc.members()


def test_an_event_that_is_too_long_is_refused_in_serfs_words(rpc: Rpc) -> None:
    with pytest.raises(Refused, match="exceeds"):
        rpc.event("deploy", b"x" * 20_000)

    assert rpc.members()


def test_a_query_is_answered_over_the_stream_of_another_connection(agent: Agent) -> None:
    with agent.connect() as asking, agent.connect() as answering:
        answering.stream("query")
        replies = asking.query("uptime", b"?", timeout=5.0, acks=True)
        record = answering.record(5.0)
        assert record is not None
        answering.respond(record.body["ID"], b"\x00 3 days")
        heard = [next(replies), next(replies)]
        replies.close()

        assert set(heard) == {
            Reply("ack", agent.name, b""),
            Reply("response", agent.name, b"\x00 3 days"),
        }
        assert asking.members()


def test_a_query_that_nobody_answers_ends_with_its_time(rpc: Rpc) -> None:
    began = time.monotonic()

    assert list(rpc.query("anybody", timeout=0.3, nodes=["nobody"])) == []
    assert 0.2 < time.monotonic() - began < 2.0


def test_an_answer_to_no_query_is_refused(rpc: Rpc) -> None:
    with pytest.raises(Refused, match="No pending queries"):
        rpc.respond(4711, b"")


def test_who_was_joined_is_counted(agents: Agents) -> None:
    one, two = agents.start("one"), agents.start("two")
    with one.connect() as rpc:
        gone = f"127.0.0.1:{free_port()}"

        assert rpc.join([gone, two.address]) == 1
        assert set(rpc.members()) == {one.name, two.name}
        with pytest.raises(Refused, match="no to join"):
            rpc.join([gone])
        with pytest.raises(Refused, match="no to join"):  # the answer's rest is passed over
            rpc.join([gone], replay=True)
        assert rpc.stats()["serf"]["members"] == "2"


def test_who_says_goodbye_has_left_and_its_agent_ends(agents: Agents) -> None:
    stays, goes = agents.start("stays"), agents.start("goes")
    goes.join(stays)
    with goes.connect() as rpc:
        rpc.leave()
    with stays.connect() as rpc:
        eventually(lambda: rpc.members()[goes.name].status is Status.LEFT, within=5)
        rpc.force_leave(goes.name)

        assert stays.name in rpc.members()


@contextmanager
def pretender(says: Callable[[socket.socket], None]) -> Iterator[str]:
    """Who listens where an agent should be, for one connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            link, _ = server.accept()
            with link:
                says(link)
                link.recv(1 << 16)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        thread.join(5)


def in_pieces(link: socket.socket) -> None:
    """With an answer in between that nobody asked for."""
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    member = {"Name": b"web", "Addr": b"\x0a\0\0\1", "Port": 7, "Status": "alive", "Tags": None}
    link.recv(1 << 16)
    ok, stray = {"Seq": 1, "Error": ""}, {"Seq": 77, "Error": "no"}
    for value in (ok, stray, {"Num": 0}, {**ok, "Seq": 2}, {"Members": [member]}):
        for byte in msgpack.packb(value):
            link.sendall(bytes([byte]))


def test_answers_may_come_in_the_smallest_pieces() -> None:
    with pretender(in_pieces) as address, Rpc(address, timeout=2.0) as rpc:
        (member,) = rpc.members().values()

        assert member.address == "10.0.0.1"
        assert member.tags == {}


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\xc1\xc1\xc1",
        msgpack.packb(["Seq", 1]),
        b"\x81\xa3Seq\x01\x80\x07",
    ],
    ids=["http", "no such type", "a list", "half a header"],
)
def test_who_does_not_speak_as_serf_is_no_agent(said: bytes) -> None:
    with (
        pretender(lambda link: link.sendall(said)) as address,
        pytest.raises(Unavailable, match="Serf"),
    ):
        Rpc(address, timeout=1.0)


odd = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.binary(max_size=5) | st.floats(),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(st.sampled_from(["Seq", "Error", "Members", "Name", "Tags"]), below)
    ),
    max_leaves=8,
)


@given(st.lists(odd, max_size=4), st.binary(max_size=6))
@settings(max_examples=60, deadline=None)
def test_whatever_an_agent_answers_there_is_an_error_of_ours_or_members(
    values: list[object], rest: bytes
) -> None:
    ok = [{"Seq": 1, "Error": ""}, {"Seq": 2, "Error": ""}]
    said = b"".join(msgpack.packb(value) for value in [*ok, *values]) + rest

    def answer(link: socket.socket) -> None:
        link.sendall(said)
        link.shutdown(socket.SHUT_WR)

    with pretender(answer) as address, suppress(Error), Rpc(address, timeout=1.0) as rpc:
        for member in rpc.members().values():
            assert isinstance(member.name, str)


def test_an_agent_that_hangs_up_is_away() -> None:
    with (
        pretender(lambda link: link.shutdown(socket.SHUT_RDWR)) as address,
        pytest.raises(Unavailable),
    ):
        Rpc(address, timeout=1.0)


def test_an_agent_as_it_should_be_set_says_goodbye_when_it_is_told_to_end(agents: Agents) -> None:
    stays = agents.start("stays")
    given = agent_settings("goes", bind="", rpc="", tags={"role": "web"}, key="sesame")
    named = {"tags": given.pop("tags"), "key": given.pop("rpc_auth")}
    goes = agents.start("goes", leave_on_terminate=given["leave_on_terminate"], **named)
    assert goes.settings.keys() | {"bind", "rpc_auth"} >= given.keys()
    goes.join(stays)
    goes.end()
    with stays.connect() as rpc:
        eventually(lambda: rpc.members()[goes.name].status is Status.LEFT, within=5)
