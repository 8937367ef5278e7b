"""Serf's agent of this machine: join it to living peers; hand over what its handlers are told."""

import time
from argparse import ArgumentParser
from typing import TYPE_CHECKING

from bootstrapper.cli import serf_handler
from bootstrapper.cli.command import Command, Session
from bootstrapper.errors import Mistake

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bootstrapper.fleet.serf.joining import Peer
    from bootstrapper.fleet.serf.rpc import Rpc
    from bootstrapper.kv.store import Store
    from bootstrapper.settings import Fleet


def _join(session: Session) -> int:
    """Nobody to join is no error: someone must be the first."""
    from functools import partial
    from random import Random

    from bootstrapper.fleet.serf.keep_joined import join_peers
    from bootstrapper.kv.open import open_store

    part, store = session.settings.fleet, open_store(session.settings)
    found = partial(peers, part, store, session.args.cluster or part.cluster)
    if session.args.watch:
        return _keep_joined(session, found)
    with connect(part) as rpc:
        joined = join_peers(rpc, found(), Random(), replay=session.args.replay)
    told = f"joined {joined} of the living" if joined else "nobody to join: this one is the first"
    session.out.done({"joined": joined}, told)
    return 0


def _keep_joined(session: Session, found: "Callable[[], Sequence[Peer]]") -> int:
    import threading
    from functools import partial

    from bootstrapper.fleet.serf.keep_joined import keep_joined
    from bootstrapper.lifecycle import stop_on_signals
    from bootstrapper.logs import start_logging

    settings, stop = session.settings, threading.Event()
    start_logging(settings.log, "join")
    stop_on_signals(stop)
    keep_joined(partial(connect, settings.fleet), found, stop)
    return 0


def connect(fleet: "Fleet") -> "Rpc":
    """To the agent that the settings name."""
    from bootstrapper.fleet.serf.rpc import Rpc
    from bootstrapper.secret import read_secret_value

    serf = fleet.serf
    if not serf.rpc:
        raise Mistake("no Serf agent is set: fleet.serf.rpc", field="fleet.serf.rpc")
    key = read_secret_value("fleet.serf.auth", serf.auth) if serf.auth else ""
    return Rpc(serf.rpc, key)


def peers(part: "Fleet", store: "Store", cluster: str) -> "Sequence[Peer]":
    """As the store has them now; `cluster` "": of any."""
    from bootstrapper.fleet.paths import Paths
    from bootstrapper.fleet.reading import fleet_of
    from bootstrapper.fleet.serf.joining import foreign_peers, peers_of
    from bootstrapper.processes.keep_fleet import layouts_of, mirrored

    paths, layouts = Paths(part.prefix), layouts_of(part)
    values: dict[str, str] = {}
    for prefix in mirrored(paths, layouts):
        values.update(store.read(prefix).values)
    fleet = fleet_of(values, paths, 0)
    known = peers_of(fleet, cluster, port=part.serf.port)
    return (*known, *foreign_peers(layouts, values, cluster, fleet))


def _join_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "cluster", metavar="CLUSTER", nargs="?", default="", help="unless it is fleet.cluster"
    )
    parser.add_argument(
        "--watch", action="store_true", help="go on: join again whenever all peers are lost"
    )
    parser.add_argument("--replay", action="store_true", help="hear the user events of before, too")


def _handler(session: Session) -> int:
    return serf_handler.handle(session.args, time.monotonic())


COMMANDS = (
    Command(
        name="join",
        summary="join this machine's Serf agent to living peers",
        arguments=_join_arguments,
        run=_join,
    ),
    Command(
        name="serf-handler",
        summary="hand over what `serf agent -event-handler` was told",
        arguments=serf_handler.own_arguments,
        run=_handler,
    ),
)
