"""Serf's agent of this machine: join it to living peers; hand over what its handlers are told."""

import time
from argparse import ArgumentParser
from typing import TYPE_CHECKING

from bootstrapper.cli import serf_handler
from bootstrapper.cli.command import Command, Session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bootstrapper.fleet.serf.joining import Peer


def _join(session: Session) -> int:
    """Nobody to join is no error: someone must be the first."""
    from functools import partial
    from random import Random

    from bootstrapper.fleet.configured import agent_of, peers_of_store
    from bootstrapper.fleet.serf.keep_joined import join_peers
    from bootstrapper.kv.open import open_store

    part, store = session.settings.fleet, open_store(session.settings)
    found = partial(peers_of_store, part, store, session.args.cluster or part.cluster)
    if session.args.watch:
        return _keep_joined(session, found)
    with agent_of(part.serf) as rpc:
        joined = join_peers(rpc, found(), Random(), replay=session.args.replay)
    told = f"joined {joined} of the living" if joined else "nobody to join: this one is the first"
    session.out.done({"joined": joined}, told)
    return 0


def _keep_joined(session: Session, found: "Callable[[], Sequence[Peer]]") -> int:
    import threading
    from functools import partial

    from bootstrapper.fleet.configured import agent_of
    from bootstrapper.fleet.serf.keep_joined import keep_joined
    from bootstrapper.lifecycle import stop_on_signals
    from bootstrapper.logs import start_logging

    settings, stop = session.settings, threading.Event()
    start_logging(settings.log, "join")
    stop_on_signals(stop)
    keep_joined(partial(agent_of, settings.fleet.serf), found, stop)
    return 0


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
