"""`bootstrapper run -- CMD`: a command and its registration, put together."""

import os
import signal
import socket
from collections.abc import Sequence
from functools import partial

import msgspec

from bootstrapper.actions.misfit import mistake_of
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.sources.registration import Registration
from bootstrapper.fleet.sources.run import Run, Signals, start
from bootstrapper.fleet.values import Offer
from bootstrapper.jobs.process_tree import die_with_parent
from bootstrapper.kv.open import open_store
from bootstrapper.logs import start_logging
from bootstrapper.settings import Settings


def run(
    settings: Settings,
    words: Sequence[str],
    offer: Offer,
    *,
    drain: float,
    grace: float,
    ttl: float,
) -> int:
    """The command's exit code; 128 and the number of the signal that ended it.

    `offer` without an id is `node:service:port`; without an address, where its node is. The
    command gets SIGTERM when we end without having waited for it: nothing runs unregistered.
    """
    part = settings.fleet
    node = part.node or socket.gethostname()
    offer = _of_node(offer, node)
    start_logging(settings.log, "run")
    terminal = _has_terminal()
    signals = Signals()
    process = start(words, terminal=terminal, before=partial(die_with_parent, signal.SIGTERM))
    opened = partial(open_store, settings)
    registration = Registration(opened, Paths(part.prefix), node, offer, ttl or part.lease)
    registration.start()
    return Run(
        process, registration, signals, terminal=terminal, drain=drain, grace=grace
    ).wait()  # fmt: skip


def _has_terminal() -> bool:
    """Whether its keys (Ctrl-C) reach our process group."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False


def _of_node(offer: Offer, node: str) -> Offer:
    named = msgspec.structs.replace(
        offer, id=offer.id or f"{node}:{offer.service}:{offer.port}", host=offer.host or node
    )
    try:
        return msgspec.convert(msgspec.to_builtins(named), Offer)
    except msgspec.ValidationError as error:
        raise mistake_of(error) from error
