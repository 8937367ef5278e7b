"""Whom an agent joins: living peers by chance, from records and from keys; and joining for real."""

import threading
from functools import partial
from random import Random

import pytest

from bootstrapper.errors import Refused
from bootstrapper.fleet.layouts import PRESETS, Layout
from bootstrapper.fleet.serf.joining import (
    Peer,
    choose,
    foreign_peers,
    lonely,
    others,
    peers_of,
    read_place,
)
from bootstrapper.fleet.serf.keep_joined import join_peers, keep_joined, mend
from bootstrapper.fleet.serf.members import Member, Status
from bootstrapper.fleet.values import Fleet, Instance, Mark, Node, Signal, State
from support.eventually import eventually
from support.serf import Agent, Agents
from support.services import free_port

OF_2015 = PRESETS["2015"]


def node(name: str, **fields: object) -> Node:
    given = {"address": f"10.0.0.{ord(name[0]) - 96}", "since": 0.0, "cluster": "mq", **fields}
    return Node(name=name, **given)  # type: ignore[arg-type]


def fleet(*nodes: Node, dead: tuple[str, ...] = (), **fields: object) -> Fleet:
    alive = {each.name: "1" for each in nodes if each.name not in dead}
    return Fleet(nodes={each.name: each for each in nodes}, alive=alive, **fields)  # type: ignore[arg-type]


MARK = Mark(signal=Signal.SERF_FAILED, reason="it failed", since=0.0)
SERF = Instance(service="serf", id="x", node="a", address="::1", port=9000, since=0.0)


@pytest.mark.parametrize(
    ("known", "cluster", "places"),
    [
        (fleet(), "mq", []),
        (fleet(node("a"), node("b")), "mq", ["10.0.0.1:7946", "10.0.0.2:7946"]),
        (fleet(node("a"), node("b", cluster="web")), "mq", ["10.0.0.1:7946"]),
        (fleet(node("a"), node("b", cluster="web")), "", ["10.0.0.1:7946", "10.0.0.2:7946"]),
        (fleet(node("a"), node("b"), dead=("b",)), "mq", ["10.0.0.1:7946"]),
        (fleet(node("a", source="serf"), dead=("a",)), "mq", ["10.0.0.1:7946"]),
        (fleet(node("a"), node("b", state=State.LEFT)), "mq", ["10.0.0.1:7946"]),
        (fleet(node("a"), node("b"), marks={"b": MARK}), "mq", ["10.0.0.1:7946"]),
        (fleet(node("a", address="")), "mq", []),
        (fleet(node("a"), instances={"a/x": SERF}), "mq", ["[::1]:9000"]),
        (fleet(node("a", address="2001:db8::1")), "mq", ["[2001:db8::1]:7946"]),
    ],
)
def test_the_living_of_a_cluster(known: Fleet, cluster: str, places: list[str]) -> None:
    assert [peer.place for peer in peers_of(known, cluster, port=7946)] == places


KEYS = {
    "/proxy/serf/web1": "10.0.0.1:7946",
    "/proxy/serf/web2": "10.0.0.2:32771",
    "/proxy/serf/a": "10.0.0.9:7946",
    "/proxy/serf/broken": "soon",
    "/proxy/frontend/web3": "10.0.0.3:80",
    "/proxy/serf/deeper/web4": "10.0.0.4:7946",
}


@pytest.mark.parametrize(
    ("more", "cluster", "names"),
    [
        ({}, "mq", ["web1", "web2"]),
        ({"/cluster/mq/10.0.0.2": "member"}, "mq", ["web2"]),
        ({"/cluster/mq/10.0.0.2": "member"}, "", ["web1", "web2"]),
        ({"/cluster/other/10.0.0.2": "member"}, "mq", ["web1"]),
    ],
)
def test_keys_of_2015_tell_of_peers(more: dict[str, str], cluster: str, names: list[str]) -> None:
    found = foreign_peers(OF_2015, KEYS | more, cluster, fleet(node("a"), dead=("a",)))

    assert [peer.name for peer in found] == names  # the fleet judges `a` itself


def test_keys_of_another_shape_tell_of_peers() -> None:
    own = (Layout(key="/services/{service}/{id}"), Layout(key="/gossip/{host}", services=("serf",)))
    values = {"/services/serf/w": "[::1]:7", "/services/web/x": "::1:7", "/gossip/y": "10.0.0.1:8"}

    assert foreign_peers(own, values, "", fleet()) == (
        Peer("w", "[::1]:7"),
        Peer("y", "10.0.0.1:8"),
    )


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("10.0.0.1:7946\n", "10.0.0.1:7946"),
        ("[2001:db8::1]:7946", "[2001:db8::1]:7946"),
        ("10.0.0.1", ""),
        ("10.0.0.1:0", ""),
        ("10.0.0.1:99999", ""),
        ("10.0.0.256:7946", ""),
        ('{"ip": "10.0.0.1"}', ""),
    ],
)
def test_a_place_is_an_address_and_a_port(value: str, place: str) -> None:
    assert read_place(value) == place


def member(name: str, status: Status = Status.ALIVE, address: str = "10.0.0.1") -> Member:
    return Member(name=name, address=address, port=7946, status=status)


def test_a_choice_is_by_chance_and_of_few() -> None:
    peers = [Peer(f"n{each}", f"10.0.0.{each}:7946") for each in range(1, 10)]
    chosen = {choose(peers, Random(seed)) for seed in range(200)}

    assert all(len(set(each)) == 3 for each in chosen)
    assert {place for each in chosen for place in each} == {peer.place for peer in peers}
    assert choose(peers, Random(7)) == choose(peers, Random(7))
    assert choose(peers[:1], Random(7)) == ("10.0.0.1:7946",)
    assert choose([], Random(7)) == ()


@pytest.mark.parametrize(
    ("peer", "other"),
    [
        (Peer("me", "10.0.0.1:7946"), False),
        (Peer("me", "10.0.0.9:7946"), False),
        (Peer("my-host", "10.0.0.1:7946"), False),
        (Peer("you", "10.0.0.1:7947"), True),
        (Peer("you", "10.0.0.2:7946"), True),
    ],
)
def test_nobody_joins_itself_by_any_of_its_names(peer: Peer, other: bool) -> None:
    assert bool(others([peer], member("me"))) is other


YOU = [Peer("you", "10.0.0.2:7946")]


@pytest.mark.parametrize(
    ("seen", "peers", "expected"),
    [
        ([], YOU, True),
        ([member("you", Status.FAILED)], YOU, True),
        ([member("you", Status.LEFT)], YOU, True),
        ([member("you")], YOU, False),
        ([member("she")], YOU, False),
        ([], [], False),
    ],
)
def test_who_sees_nobody_while_there_are_peers_is_lonely(
    seen: list[Member], peers: list[Peer], expected: bool
) -> None:
    members = {each.name: each for each in (member("me"), *seen)}

    assert lonely(members, members["me"], peers) is expected


def peer(agent: Agent) -> Peer:
    return Peer(agent.name, agent.address)


def test_an_agent_is_joined_once_and_left_alone_after_that(agents: Agents) -> None:
    one, two = agents.start("one"), agents.start("two")
    peers = [peer(one), peer(two)]

    assert not mend(one.connect, [peer(one)], Random())
    assert mend(one.connect, peers, Random())
    assert not mend(one.connect, peers, Random())
    with two.connect() as rpc:
        eventually(lambda: set(rpc.members()) == {one.name, two.name})


def test_the_first_one_joins_nobody_and_who_finds_none_alive_is_told(agents: Agents) -> None:
    one = agents.start("one")
    with one.connect() as rpc:
        assert join_peers(rpc, [peer(one)], Random()) == 0
        with pytest.raises(Refused):
            join_peers(rpc, [Peer("gone", f"127.0.0.1:{free_port()}")], Random())


def test_an_agent_that_came_back_without_its_peers_gets_them_again(agents: Agents) -> None:
    one, two = agents.start("one"), agents.start("two")
    stop = threading.Event()
    peers = [Peer("gone", f"127.0.0.1:{free_port()}"), peer(one), peer(two)]
    loop = partial(keep_joined, one.connect, lambda: peers, stop, interval=0.1)
    thread = threading.Thread(target=loop)
    thread.start()
    try:
        for _ in range(2):
            with one.connect() as rpc:
                eventually(lambda rpc=rpc: two.name in rpc.members())  # type: ignore[misc]
            one.kill()
            one.start()
    finally:
        stop.set()
        thread.join(15)
    assert not thread.is_alive()
