"""Join an agent to living peers, and again whenever it has lost all of them.

Serf itself comes back to peers that failed; it does not to those that it never knew, or forgot.
"""

import logging
from collections.abc import Callable, Sequence
from random import Random

from bootstrapper.errors import Error
from bootstrapper.fleet.serf.joining import Peer, choose, lonely, others
from bootstrapper.fleet.serf.rpc import Rpc
from bootstrapper.lifecycle import Stop

logger = logging.getLogger(__name__)

LOOK = 5.0  # seconds


def join_peers(rpc: Rpc, peers: Sequence[Peer], chance: Random, *, replay: bool = False) -> int:
    """How many answered: 0 when there is nobody to join. Refused when nobody who was tried did."""
    places = choose(others(peers, rpc.me()), chance)
    return rpc.join(places, replay=replay) if places else 0


def keep_joined(
    connect: Callable[[], Rpc],
    peers: Callable[[], Sequence[Peer]],
    stop: Stop,
    *,
    interval: float = LOOK,
    chance: Random | None = None,
) -> None:
    """A loop. Whatever goes wrong, it looks again."""
    chance = chance or Random()
    told = ""
    while not stop.is_set():
        try:
            mend(connect, peers(), chance)
            told = ""
        except Error as error:
            level = logging.DEBUG if told == str(error) else logging.WARNING
            told = str(error)
            logger.log(level, "serf is not joined: %s", error)
        stop.wait(interval)


def mend(connect: Callable[[], Rpc], peers: Sequence[Peer], chance: Random) -> bool:
    """One turn: whether it had lost its peers, and has some again."""
    with connect() as rpc:
        me = rpc.me()
        peers = others(peers, me)
        if not lonely(rpc.members(), me, peers):
            return False
        joined = rpc.join(choose(peers, chance))
    logger.info("serf had no peers, and joined %d", joined)
    return joined > 0
