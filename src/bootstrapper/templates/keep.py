"""The loop of *key change → mirror → render → check → install → reload*, for all resources at once.

Threads wait on the backend and only wake the loop; the loop alone reads, decides and installs.
"""

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec

from bootstrapper.lifecycle import Stop
from bootstrapper.templates import pace
from bootstrapper.templates.backends.port import Backend
from bootstrapper.templates.conf_d import ConfD
from bootstrapper.templates.guard import Memory
from bootstrapper.templates.listen import listen
from bootstrapper.templates.pace import Pace
from bootstrapper.templates.place import Place
from bootstrapper.templates.report import Outcome, Report
from bootstrapper.templates.resources import Fault
from bootstrapper.templates.turn import Turn
from bootstrapper.templates.unit import Unit

LOOK = 0.5  # seconds between looks at what tells nobody: files, confirmations

Tell = Callable[[Sequence[Report], Sequence[Fault] | None], None]
"""Gets each turn's reports, and the faults of the resources when they are others than before."""


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """`watch`: wait for changes, where the backend can; else look every `interval` seconds."""

    watch: bool
    interval: float
    pace: Pace


class Keep:
    """`tick` is called at every look; `confirmed`: did somebody let a unit's hold through?"""

    def __init__(
        self,
        course: Course,
        backend: Backend,
        conf: ConfD,
        turn: Turn,
        tell: Tell,
        tick: Callable[[], None],
        confirmed: Callable[[Unit, str], bool],
        memories: Mapping[str, Memory],
    ) -> None:
        self._course = course
        self._backend = backend
        self._conf = conf
        self._turn = turn
        self._tell = tell
        self._tick = tick
        self._confirmed = confirmed
        self._memories = dict(memories)
        self._places: dict[str, Place] = {}
        self._woken = threading.Condition()
        self._reread = False
        self._faults: Sequence[Fault] = ()

    @property
    def units(self) -> Mapping[str, Unit]:
        return {name: place.unit for name, place in self._places.items()}

    def reread(self) -> None:
        """For SIGHUP: read the resources again, and look at all of them."""
        self._reread = True

    def once(self) -> bool:
        """One turn over everything; whether all of it went well."""
        resources, faults = self._conf.read()
        for each in resources:
            self._places[each.name] = Place(Unit(each, self._memories.get(each.name)))
        reports = self._turn.take(list(self.units.values()), "onetime")
        self._tell(reports, faults)
        bad = (Outcome.FAILED, Outcome.HELD)
        return not faults and not any(each.outcome in bad for each in reports)

    def run(self, stop: Stop) -> None:
        self._arrange("start")
        looked = time.monotonic()
        while not stop.is_set():
            now = time.monotonic()
            if now - looked >= LOOK or self._reread:
                looked = now
                self._look()
            due = [place for place in self._places.values() if self._due(place) <= now]
            if due:
                self._take(due, stop)
                continue
            with self._woken:
                ahead = min((self._due(place) for place in self._places.values()), default=now + 1)
                self._woken.wait(max(0.0, min(ahead, looked + LOOK) - time.monotonic()))
        for place in self._places.values():
            place.stop.set()

    def _due(self, place: Place) -> float:
        burst = place.burst
        change = pace.due(self._course.pace, burst, place.last_change) if burst else float("inf")
        return min(change, place.retry, place.next_look)

    def _take(self, due: Sequence[Place], stop: Stop) -> None:
        began = time.monotonic()
        causes: dict[str, list[Place]] = {}
        for place in due:
            cause = place.cause if place.burst else "retry" if place.retry <= began else "interval"
            causes.setdefault(cause, []).append(place)
        for cause, places in causes.items():
            since = {p.unit.name: p.burst.first if p.burst else began for p in places}
            self._forget_the_change(places)
            units = [place.unit for place in places]
            reports = self._turn.take(units, cause, stop.is_set)
            now = time.monotonic()
            self._plan(places, reports, now)
            revisions = {place.unit.name: place.revision for place in places}
            self._tell(
                [
                    msgspec.structs.replace(
                        each, seconds=now - since[each.name], revision=revisions[each.name]
                    )
                    for each in reports
                ],
                None,
            )

    def _forget_the_change(self, places: Sequence[Place]) -> None:
        """Before reading, so that a change while we read makes another turn."""
        with self._woken:
            for place in places:
                if place.burst:
                    place.last_change = place.burst.last
                place.burst = None
                place.retry = place.next_look = float("inf")

    def _plan(self, places: Sequence[Place], reports: Sequence[Report], now: float) -> None:
        outcomes = {each.name: each.outcome for each in reports}
        for place in places:
            if outcomes.get(place.unit.name) is Outcome.FAILED:
                jitter = random.random()
                wait = pace.retry_after(self._course.pace, place.unit.failures, jitter)
                place.retry = now + wait
            if not self._watches:
                place.next_look = now + self._course.interval

    @property
    def _watches(self) -> bool:
        return self._course.watch and self._backend.watches

    def _look(self) -> None:
        """What nobody tells us: changed resources, a confirmation, a drain that is over."""
        if self._reread:
            self._reread = False
            self._arrange("SIGHUP", everything=True)
        elif self._conf.changed():
            self._arrange("conf.d")
        self._tick()
        self._tell_who_is_away()
        for place in self._places.values():
            if place.unit.template_changed():
                self.wake(place, "template")
            if place.unit.hold and self._confirmed(place.unit, place.unit.hold):
                self.wake(place, "confirmed")

    def _tell_who_is_away(self) -> None:
        now = time.monotonic()
        lost = [each for place in self._places.values() if (each := place.tell_if_away(now))]
        if lost:
            self._tell(lost, None)

    def wake(self, place: Place, cause: str, revision: int = 0) -> None:
        with self._woken:
            place.cause = cause
            place.burst = pace.seen(place.burst, time.monotonic())
            if revision > 0:
                place.revision = revision
            self._woken.notify()

    def _arrange(self, cause: str, *, everything: bool = False) -> None:
        """Units for the resources as they are now; those that are the same stay as they are."""
        resources, faults = self._conf.read()
        found = {each.name: each for each in resources}
        faulty = {each.path for each in faults}
        parted = False
        for name, place in list(self._places.items()):
            if place.unit.resource.path in faulty:
                continue  # its last good reading goes on
            if found.get(name) != place.unit.resource:
                place.stop.set()
                self._memories[name] = place.unit.memory
                del self._places[name]
                parted = True
        for name, resource in found.items():
            if name not in self._places:
                self._begin(Place(Unit(resource, self._memories.get(name))), cause)
            elif everything:
                self.wake(self._places[name], cause)
        if list(faults) != list(self._faults):
            self._faults = faults
            self._tell((), faults)
        elif parted:
            self._tell((), None)

    def _begin(self, place: Place, cause: str) -> None:
        place.cause = cause
        self._places[place.unit.name] = place
        if self._watches:
            threading.Thread(
                target=listen,
                args=(
                    place,
                    self._backend,
                    self._course.pace,
                    partial(self.wake, place, "key change"),
                ),
                name=f"watch {place.unit.name}",
                daemon=True,
            ).start()
