"""A second witness: does somebody at this address still answer, or at least refuse?

An answer is an answer of the service; a refusal comes from its machine, which lives then; silence
is what a dead machine and a cut link have in common.
"""

import errno
import socket
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from selectors import EVENT_WRITE, BaseSelector, DefaultSelector

from bootstrapper.fleet.addresses import Address, links_at_once, numeric, resolved

MOST = 512  # links at once, if the limit of open files allows
NAMES = 8  # threads that ask name servers

Target = tuple[str, int]
"""An address (or a name) and a port."""


class Probe(Enum):
    ANSWERED = "it answers"
    REFUSED = "its machine answers, the service does not"
    SILENT = "nobody answers"


_SAYS = {
    0: Probe.ANSWERED,
    errno.ECONNREFUSED: Probe.REFUSED,
    errno.ECONNRESET: Probe.REFUSED,
    errno.ETIMEDOUT: Probe.SILENT,
    errno.EHOSTUNREACH: Probe.SILENT,
    errno.EHOSTDOWN: Probe.SILENT,
}
"""Any other error is of this machine (no route of its own, no descriptors) and says nothing."""


def probe(targets: Sequence[Target], seconds: float) -> Mapping[Target, Probe]:
    """Each has `seconds` to answer, all at the same time as far as descriptors allow (512).

    A target that this machine could not ask is not in the answer: that is no word on it.
    """
    wanted = dict.fromkeys(targets)
    found: dict[Target, Probe] = {}
    waiting = deque(_addresses(wanted, seconds).items())
    most = links_at_once(MOST)
    with DefaultSelector() as selector:
        asked: dict[Target, tuple[socket.socket, float]] = {}
        try:
            while waiting or asked:
                while waiting and len(asked) < most:
                    target, address = waiting.popleft()
                    link, answer = _ask(selector, target, address)
                    if link is not None:
                        asked[target] = link, time.monotonic() + seconds
                    elif answer is not None:
                        found[target] = answer
                _hear(selector, asked, found)
        finally:
            for link, _ in asked.values():
                link.close()
    return found


def _ask(
    selector: BaseSelector, target: Target, address: Address
) -> tuple[socket.socket | None, Probe | None]:
    family, where = address
    try:
        link = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    except OSError:
        return None, None
    try:
        code = link.connect_ex(where)
        if code == errno.EINPROGRESS:
            selector.register(link, EVENT_WRITE, target)
            return link, None
    except (OSError, OverflowError):  # no descriptor for the selector; a port beyond 65535
        code = -1
    link.close()
    return None, _SAYS.get(code)


def _hear(
    selector: BaseSelector,
    asked: dict[Target, tuple[socket.socket, float]],
    found: dict[Target, Probe],
) -> None:
    """Those that are ready count before anybody's time is over: we may be what was late."""
    if not asked:
        return
    soonest = next(iter(asked.values()))[1]  # each has the same time: the first asked is first
    late = time.monotonic()
    for key, _ in selector.select(max(0.0, soonest - late)):
        link, _ = asked.pop(key.data)
        selector.unregister(link)
        code = link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        link.close()
        if (answer := _SAYS.get(code)) is not None:
            found[key.data] = answer
    for target, (link, until) in list(asked.items()):
        if until > late:
            break
        asked.pop(target)
        selector.unregister(link)
        link.close()
        found[target] = Probe.SILENT


def _addresses(targets: Iterable[Target], seconds: float) -> dict[Target, Address]:
    """The first address of each; a name that is not found in time cannot be asked."""
    found: dict[Target, Address] = {}
    names: deque[Target] = deque()
    for target in targets:
        if numbers := numeric(*target):
            found[target] = numbers[0]
        else:
            names.append(target)
    if not names:
        return found
    looked_up: dict[Target, Address] = {}

    def look() -> None:
        while names:
            try:
                target = names.popleft()
            except IndexError:
                return
            if addresses := resolved(*target):
                looked_up[target] = addresses[0]

    threads = [threading.Thread(target=look, daemon=True) for _ in range(min(NAMES, len(names)))]
    until = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return found | looked_up.copy()
