"""The loop that tells: what is new is gathered, what is due is written down, then it is sent.

A kill between two of these steps loses nothing: cursors and groups are written together, a message
is written before it goes out, and its end after it.
"""

import logging
import threading
import time
from collections import Counter

from msgspec.structs import replace

from bootstrapper.control.lease import Lease
from bootstrapper.control.parts import Parts
from bootstrapper.errors import Error, Unavailable
from bootstrapper.lifecycle import Stop
from bootstrapper.notify.deliveries import Deliveries
from bootstrapper.notify.fleet_news import FleetNews
from bootstrapper.notify.gathering import gather
from bootstrapper.notify.group import Groups
from bootstrapper.notify.grouping import send, tidy
from bootstrapper.notify.health import Health, Outcome, after, next_for
from bootstrapper.notify.memory import Memory, Overtaken, load, save
from bootstrapper.notify.receivers import Receivers
from bootstrapper.notify.sources import Sources

logger = logging.getLogger(__name__)
TURN, BUSY = 1.0, 0.05
"""Seconds between turns; the second while messages are under way."""


def run(parts: Parts, receivers: Receivers, stop: Stop) -> None:
    """The loop, for any number of processes: the one that holds the lease tells."""
    lease = Lease(parts, "notify")
    while not stop.is_set():
        try:
            if lease.held():
                _lead(parts, receivers, lease, stop)
                lease.let_go()
        except Unavailable as error:
            logger.warning("notices wait: %s", error)
        except Error as error:
            logger.error("notices go on after: %s", error)
        stop.wait(TURN)


def _lead(parts: Parts, receivers: Receivers, lease: Lease, stop: Stop) -> None:
    """As long as the lease is ours."""
    over, news = threading.Event(), FleetNews(parts.fleet)
    notifier = Notifier(parts, receivers, news)
    since = notifier.begin().cursors.fleet
    follower = threading.Thread(target=news.follow, args=(since, over), name="fleet-news")
    follower.start()
    try:
        while follower.is_alive() and not stop.is_set():
            if not _turn(notifier, lease):
                break
            stop.wait(BUSY if notifier.busy else TURN)
    finally:
        over.set()
        notifier.close()
        follower.join()


def _turn(notifier: "Notifier", lease: Lease) -> bool:
    """False: somebody else tells. While Redis is away, what came of messages is kept here."""
    try:
        if not lease.held():
            return False
        notifier.turn()
    except Overtaken as error:
        logger.warning("%s", error)
        return False
    except Unavailable as error:
        logger.warning("notices wait: %s", error)
    return True


class Notifier:
    """For one thread. `turn` raises Unavailable while Redis is away, and may be called again."""

    def __init__(self, parts: Parts, receivers: Receivers, news: FleetNews) -> None:
        self._parts = parts
        self._rules = parts.settings.notify.rules
        self._by_name = {rule.name: rule for rule in self._rules}
        self._sources = Sources(parts, news)
        self._deliveries = Deliveries(receivers)
        self._memory: Memory | None = None

    @property
    def busy(self) -> bool:
        return self._deliveries.busy

    def begin(self) -> Memory:
        """What is remembered."""
        memory = load(self._parts)
        begun = replace(memory, cursors=self._sources.begin(memory.cursors))
        self._memory = save(self._parts, memory, begun, Counter())
        return self._memory

    def turn(self) -> None:
        memory, self._memory = self._memory or self.begin(), None  # forgotten, should this fail
        outcomes = self._deliveries.done()
        new, counts = _with_outcomes(memory, outcomes)
        notices, cursors = self._sources.read(memory.cursors)
        now = time.time()
        groups = gather(new.groups, notices, self._rules, now)
        groups, _ = send(self._tidied(groups, now), self._by_name, now)
        new = replace(new, groups=groups, cursors=cursors)
        new = save(self._parts, memory, new, counts)
        self._deliveries.forget(outcomes)
        free = self._deliveries.free
        for sending in next_for(free, groups.values(), new.healths, now).values():
            self._deliveries.start(sending)
        self._memory = new

    def _tidied(self, groups: Groups, now: float) -> Groups:
        kept = tidy(groups, self._by_name, now, self._parts.settings.notify.keep)
        for name in groups.keys() - kept.keys():
            if groups[name].items:
                logger.warning("%s is set no more: what waits there is told to nobody", name)
        return kept

    def close(self) -> None:
        """Wait for what is under way, and write its end down."""
        self._deliveries.close()
        try:
            memory = self._memory or load(self._parts)
            outcomes = self._deliveries.done()
            new, counts = _with_outcomes(memory, outcomes)
            save(self._parts, memory, new, counts)
        except Error as error:
            logger.warning("the last messages may be sent again: %s", error)


def _with_outcomes(
    memory: Memory, outcomes: tuple[Outcome, ...]
) -> tuple[Memory, Counter[tuple[str, str]]]:
    groups, healths = dict(memory.groups), dict(memory.healths)
    counts: Counter[tuple[str, str]] = Counter()
    for outcome in outcomes:
        group, name = groups.get(outcome.group), outcome.sending.receiver
        if group is None or group.sending is None or group.sending.id != outcome.sending.id:
            continue  # it was written down, though the answer to that was lost
        changed, health, result = after(group, healths.get(name, Health()), outcome)
        groups[outcome.group], healths[name] = changed, health
        counts[name, result] += 1
        if outcome.error is not None:
            level = logging.ERROR if result == "given_up" else logging.WARNING
            logger.log(level, "%s: %s (%s)", name, outcome.error, result.replace("_", " "))
    return replace(memory, groups=groups, healths=healths), counts
