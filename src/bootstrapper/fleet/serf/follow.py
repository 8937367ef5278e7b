"""Follow an agent's members: its events and its log only wake, what is told are whole looks.

Events come seconds late, are dropped when there are many, and a restart within the detection time
gives none; `members` is right at once. So it is looked at after each wake, and in any case.
"""

import logging
import time
from collections.abc import Callable

from bootstrapper.errors import Error
from bootstrapper.fleet.serf.calls import Record
from bootstrapper.fleet.serf.members import Members
from bootstrapper.fleet.serf.rpc import MEMBER_EVENTS, Rpc
from bootstrapper.kv.backoff import delays
from bootstrapper.lifecycle import Stop

logger = logging.getLogger(__name__)

GAP = 0.02  # seconds between looks at least, however much there is to hear
SLICE = 0.2  # seconds in which a stop is noticed
_SIGNS = (b"EventMember", b"memberlist: Suspect", b"memberlist: Marking")
"""In the log, where a change of the members may be near."""


def follow_members(
    connect: Callable[[], Rpc],
    tell: Callable[[Members], None],
    cut_off: Callable[[Error], None],
    stop: Stop,
    *,
    interval: float = 1.0,
) -> None:
    """A loop. `tell` gets every look, changed or not: that it came says the agent is there.

    `cut_off` is called once for each outage, before the first try to connect again.
    """
    waits = delays(first=0.05, cap=2.0)
    away = False

    def told(members: Members) -> None:
        nonlocal waits, away
        waits, away = delays(first=0.05, cap=2.0), False
        tell(members)

    while not stop.is_set():
        try:
            with connect() as rpc:
                _follow(rpc, told, stop, interval)
        except Error as error:  # whatever it is: an agent may be started or mended later
            if not away:
                logger.warning("serf's members are not known: %s", error)
                cut_off(error)
            away = True
            stop.wait(next(waits))


def _follow(rpc: Rpc, tell: Callable[[Members], None], stop: Stop, interval: float) -> None:
    rpc.stream(MEMBER_EVENTS)
    rpc.monitor("INFO")
    while not stop.is_set():
        tell(rpc.members())
        _wait(rpc, stop, interval)


def _wait(rpc: Rpc, stop: Stop, interval: float) -> None:
    """Until there is a reason to look: several at once are one."""
    began = time.monotonic()
    until = began + interval
    while not stop.is_set():
        left = until - time.monotonic()
        record = rpc.record(min(max(left, 0.0), SLICE))
        if left <= 0 or (record is None and left <= SLICE):
            return
        if record is not None and wakes(record):
            until = min(until, max(began + GAP, time.monotonic()))


def wakes(record: Record) -> bool:
    """Every event does; of the log what sounds like members."""
    log = record.body.get("Log")
    return not isinstance(log, bytes) or any(sign in log for sign in _SIGNS)
