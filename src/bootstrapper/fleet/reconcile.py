"""The reconciler: it compares members, leases, ports, records and keys, and repairs both ways.

News wakes it, the whole state decides. Every watch runs one and learns; the one that leads acts.
While the store is away nobody does, and who comes back learns again.
"""

import dataclasses
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bootstrapper.errors import Error, Refused, Unavailable
from bootstrapper.fleet.chronicle import events_of, latest, log, over
from bootstrapper.fleet.events import FleetEvent
from bootstrapper.fleet.judging.index import Indexer
from bootstrapper.fleet.judging.judge import judge
from bootstrapper.fleet.judging.memory import asked, done, inherited, remember
from bootstrapper.fleet.judging.planning import plan
from bootstrapper.fleet.judging.seen import Members, Memory, Seen
from bootstrapper.fleet.judging.telling import Teller
from bootstrapper.fleet.judging.verdicts import MarkDown, Target, Verdict
from bootstrapper.fleet.layouts import Layout
from bootstrapper.fleet.leader import Leadership
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.performing import Outcome, delete_all, perform
from bootstrapper.fleet.reading import Following
from bootstrapper.ids import new_id
from bootstrapper.kv.backoff import delays
from bootstrapper.kv.mirror import Link
from bootstrapper.kv.store import Keys
from bootstrapper.lifecycle import Stop
from bootstrapper.settings.fleet import Brakes

logger = logging.getLogger(__name__)

LOOK = 0.25  # seconds between turns that no key woke: members and time are looked at
REST = 4  # times the seconds of a turn until the next one: news may come without end
CAUGHT_UP = 1.0  # seconds to wait for the mirror to show what was written
PRUNE = 60.0  # seconds between looks at what is over


@dataclass(frozen=True, slots=True)
class Counts:
    """Of this process, for /metrics. `guessed`: instances that it took out by guess."""

    leader: bool = False
    turns: int = 0
    marks: int = 0
    held: int = 0
    guessed: int = 0
    verdicts: int = 0
    asked: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnesses:
    """Who is asked beside the store. `members`: of the local serf agent, None where it is cut off;
    `ports`: which of these accept within so many seconds; `down`: targets that a proxy sees down.
    """

    members: Callable[[], Members | None] = lambda: None
    ports: Callable[[tuple[Target, ...], float], Mapping[str, bool]]
    down: Callable[[], frozenset[str]] = frozenset


class Reconciler:
    """For one thread; `counts` may be read by any. `link`: whether the mirror hears its store."""

    def __init__(
        self,
        store: Keys,
        following: Following,
        leadership: Leadership,
        witnesses: Witnesses,
        link: Callable[[], Link],
        layouts: tuple[Layout, ...],
        paths: Paths,
        brakes: Brakes,
        name: str,
        events_kept: int = 5_000,
    ) -> None:
        self._store = store
        self._following = following
        self._leadership = leadership
        self._witnesses = witnesses
        self._link = link
        self._layouts = layouts
        self._paths = paths
        self._brakes = brakes
        self._name = name
        self._events_kept = events_kept
        self._indexer = Indexer(layouts, paths.prefix)
        self._memory = Memory(began=time.monotonic())
        self._term: int | None = None
        self._last: dict[str, str] = {}
        self._written = 0
        self._pruned = 0.0
        self.counts = Counts()

    def run(self, stop: Stop) -> None:
        """The loop."""
        waits, away = delays(first=0.05, cap=1.0), False
        harmed = delays(first=1.0, cap=30.0)
        while not stop.is_set():
            began = time.monotonic()
            try:
                self.turn()
                waits, away = delays(first=0.05, cap=1.0), False
                if self.counts.leader:
                    harmed = delays(first=1.0, cap=30.0)
            except (Unavailable, Refused) as error:
                logger.log(
                    logging.DEBUG if away else logging.WARNING, "nothing is judged: %s", error
                )
                self._forget()
                away = True
                stop.wait(next(waits))
                continue
            except Error as error:  # a record of another version, most often
                logger.error("the reconciler goes on after: %s", error)
            except Exception:  # whatever stands in the store: it would end every watch in turn
                logger.exception("what is seen cannot be judged, so nothing is removed from here")
                self._leadership.resign()
                self._forget()
                stop.wait(next(harmed))
                continue
            stop.wait(max(0.01, REST * self.counts.seconds))
            self._following.view.wait(max(0.0, LOOK - (time.monotonic() - began)))
        self._leadership.resign()

    def turn(self) -> None:
        """Look at everything once, and do what is to be done."""
        began = time.thread_time()
        fleet = self._following.fleet()
        if not self._link().connected:
            self._forget()
            return
        taken = self._paths.leader in self._following.view.values
        term = self._leadership.lead(time.monotonic(), taken=taken)
        if term != self._term:
            self._begin_term(term)
        if term is None:
            self._remember({})
        elif self._caught_up():
            self._judge(term)
            self._prune(term)
        self.counts = dataclasses.replace(
            self.counts, leader=term is not None, turns=self.counts.turns + 1,
            marks=len(fleet.marks), held=len(fleet.held), seconds=time.thread_time() - began,
        )  # fmt: skip

    def _judge(self, term: int) -> None:
        seen = self._look()
        judged = judge(seen)
        if judged.ask:
            answers = self._witnesses.ports(judged.ask, self._brakes.probe)
            nodes = {each.node for each in judged.ask}
            self._memory = asked(self._memory, nodes, time.monotonic())
            self.counts = dataclasses.replace(self.counts, asked=self.counts.asked + len(nodes))
            seen = dataclasses.replace(self._look(), answers=answers)
            judged = judge(seen)
        revision = self._following.view.revision
        teller = Teller(self._name, self._last, new_id)
        for verdict in judged.verdicts:
            if not self._perform(verdict, seen, revision, term, teller):
                return

    def _perform(
        self, verdict: Verdict, seen: Seen, revision: int, term: int, teller: Teller
    ) -> bool:
        """Whether this one still leads."""
        made = plan(verdict, seen, self._layouts, teller)
        outcome, written = perform(
            self._store, made, seen.values, revision, self._paths.leader, term
        )
        self._written = max(self._written, written)
        if outcome is Outcome.DONE:
            self._note(verdict, made.events, seen.moment)
            return True
        logger.info("%s is not done: %s", verdict, outcome.value)
        if outcome is Outcome.DEPOSED:
            self._leadership.resign()
            self._forget()
        return outcome is not Outcome.DEPOSED

    def _note(self, verdict: Verdict, events: tuple[FleetEvent, ...], moment: float) -> None:
        log(events)
        self._last |= latest(events)
        self._memory = done(self._memory, verdict, moment)
        guessed = len(verdict.takes) if isinstance(verdict, MarkDown) else 0
        self.counts = dataclasses.replace(
            self.counts, verdicts=self.counts.verdicts + 1, guessed=self.counts.guessed + guessed
        )

    def _look(self) -> Seen:
        fleet, view = self._following.fleet(), self._following.view
        index = self._indexer.index(fleet, view.values, view.revision)
        members = self._remember(index.differs)
        return Seen(
            fleet=fleet, values=view.values, index=index, paths=self._paths, brakes=self._brakes,
            memory=self._memory, now=time.time(), moment=time.monotonic(), members=members,
            down=self._witnesses.down(),
        )  # fmt: skip

    def _remember(self, differs: Mapping[str, object]) -> Members | None:
        members = self._witnesses.members()
        self._memory = remember(
            self._memory, self._following.fleet(), members, differs, self._brakes.window,
            time.monotonic(),
        )  # fmt: skip
        return members

    def _begin_term(self, term: int | None) -> None:
        if self._term is not None:
            self._forget()
        self._term = term
        if term is None:
            return
        self._written = max(self._written, term)
        events = events_of(self._following.view.values, self._paths)
        self._last = latest(events)
        removals = inherited(events, time.time(), time.monotonic(), self._brakes.window)
        self._memory = dataclasses.replace(self._memory, removals=removals)

    def _forget(self) -> None:
        self._memory = Memory(began=time.monotonic())
        self._term = None
        self._last = {}
        self._written = 0
        self.counts = dataclasses.replace(self.counts, leader=False)

    def _caught_up(self) -> bool:
        """Whether the mirror shows what was written: floors are counted in what it shows."""
        until = time.monotonic() + CAUGHT_UP
        while self._following.seen() < self._written:
            self._following.fleet()
            if not self._following.view.wait(max(0.0, until - time.monotonic())):
                return False
        return True

    def _prune(self, term: int) -> None:
        if time.monotonic() - self._pruned < PRUNE:
            return
        self._pruned = time.monotonic()
        values, fleet = self._following.view.values, self._following.fleet()
        keys = over(values, fleet, self._paths, self._brakes, self._events_kept, time.time())
        try:
            delete_all(self._store, keys, self._paths.leader, term)
        except Error as error:
            logger.info("what is over stays for a while: %s", error)
