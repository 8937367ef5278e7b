"""What is known of this node's containers, and what was said of it to the fleet.

Two threads share it: one hears events, one asks whole states. An event that takes traffic away
(a death, a stop, a pause) counts at once; every other only makes its container be asked about. What
was asked before an event of the same container was heard is worth nothing: it is asked again.
"""

import threading
from collections.abc import Iterable, Mapping

import msgspec

from bootstrapper.fleet.docker.complaints import Complaints
from bootstrapper.fleet.docker.inspected import Container, Event, Listed
from bootstrapper.fleet.docker.offers import Found, offers_of
from bootstrapper.fleet.docker.places import Ways
from bootstrapper.fleet.docker.stopping import Ends, ends
from bootstrapper.fleet.docker.telling import signal_of
from bootstrapper.fleet.offers import Telling
from bootstrapper.fleet.values import Offer, Signal

SOURCE = "docker"


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """`asked`: the number of the latest event when it was inspected."""

    container: Container
    looks: tuple[object, ...]
    asked: int
    found: Found


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """`life`: when the container that ends was started; "": that is not known yet."""

    how: Ends
    life: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """To a question about one container, asked when `asked` was the latest event's number."""

    asked: int
    container: Container | None


class Known:
    def __init__(self, ways: Ways, telling: Telling) -> None:
        self._ways = ways
        self._telling = telling
        self._lock = threading.Lock()
        self._seen: dict[str, Seen] = {}
        self._ending: dict[str, Ending] = {}
        self._heard: dict[str, int] = {}
        self._latest = 0
        self._since = 0
        self._told: Mapping[str, Offer] | None = None
        self._complaints = Complaints()

    def begin(self) -> None:
        """A new link: what happened meanwhile was not heard, so everything is asked anew."""
        with self._lock:
            self._latest += 1
            self._since = self._latest

    def latest(self) -> int:
        with self._lock:
            return self._latest

    def hear(self, event: Event) -> None:
        with self._lock:
            self._latest += 1
            if name := event.container:
                self._heard[name] = self._latest
                if signal := self._act(name, event):
                    self._tell(signal)

    def unknown(self, listed: Iterable[Listed]) -> list[str]:
        """Ids of those to be inspected."""
        with self._lock:
            return [each.id for each in listed if self._is_unknown(each)]

    def take(self, asked: int, listed: Iterable[Listed], answers: Mapping[str, Answer]) -> None:
        """All that runs, as listed when `asked` was the latest event's number."""
        lines = {each.id: each for each in listed}
        with self._lock:
            gone = {
                name
                for name in self._seen.keys() | self._heard.keys() | self._ending.keys()
                if name not in lines and self._heard.get(name, 0) <= asked
            }
            dead = (gone & self._seen.keys()) | self._ended(answers)
            for name in gone | dead:
                self._forget(name)
            if dead:
                self._tell(Signal.DOCKER_DIE)
            for name, answer in answers.items():
                self._learn(name, lines[name], answer)
            self._tell(signal_of(self._told or {}, self._offers()), first=True)

    def _act(self, name: str, event: Event) -> Signal | None:
        seen = self._seen.get(name)
        match event.action:
            case "die":
                self._ending.pop(name, None)
                self._seen.pop(name, None)
                return Signal.DOCKER_DIE
            case "start":
                self._ending.pop(name, None)
            case "pause" if seen:
                state = msgspec.structs.replace(seen.container.state, paused=True)
                container = msgspec.structs.replace(seen.container, state=state)
                found = self._read(container)
                self._seen[name] = msgspec.structs.replace(seen, container=container, found=found)
                return Signal.DOCKER_STOP
            case "kill":
                stop_signal = seen.container.config.stop_signal if seen else ""
                if how := ends(event.attribute("signal"), stop_signal):
                    life = seen.container.state.started_at if seen else ""
                    self._ending[name] = Ending(how=how, life=life)
                    return Signal.DOCKER_DIE if how is Ends.NOW else Signal.DOCKER_STOP
        return None

    def _ended(self, answers: Mapping[str, Answer]) -> set[str]:
        return {
            name
            for name, answer in answers.items()
            if name in self._seen
            and self._heard.get(name, 0) <= answer.asked
            and (answer.container is None or not answer.container.runs)
        }

    def _is_unknown(self, line: Listed) -> bool:
        seen = self._seen.get(line.id)
        return (
            seen is None
            or seen.asked < max(self._since, self._heard.get(line.id, 0))
            or seen.looks != line.looks
            or line.id in self._ending
        )

    def _learn(self, name: str, line: Listed, answer: Answer) -> None:
        if self._heard.get(name, 0) > answer.asked:
            return
        if answer.container is None:
            self._forget(name)
            return
        container = answer.container
        if ending := self._ending.get(name):
            life = container.state.started_at
            if ending.life not in ("", life):
                del self._ending[name]
            else:
                self._ending[name] = msgspec.structs.replace(ending, life=life)
        found = self._read(container)
        self._seen[name] = Seen(
            container=container, looks=line.looks, asked=answer.asked, found=found
        )
        self._complaints.make(name, container.title, found.faults)

    def _read(self, container: Container) -> Found:
        lender = self._seen.get(container.lender) if container.lender else None
        return offers_of(container, self._ways, lender.container if lender else None)

    def _offers(self) -> dict[str, Offer]:
        """Of two containers that claim one id it is the one's that was started first."""
        offers: dict[str, Offer] = {}
        by_age = sorted(
            self._seen.items(), key=lambda item: (item[1].container.state.started_at, item[0])
        )
        for name, seen in by_age:
            ending = self._ending.get(name)
            if ending and ending.how is Ends.NOW:
                continue
            found = self._read(seen.container) if seen.container.lender else seen.found
            for offer in found.offers.values():
                drained = msgspec.structs.replace(offer, draining=True) if ending else offer
                if offers.setdefault(offer.id, drained) is not drained:
                    fault = f"another container's service has the id {offer.id!r}: it is left out"
                    self._complaints.make(name, seen.container.title, (fault,), about=offer.id)
        return offers

    def _tell(self, signal: Signal, *, first: bool = False) -> None:
        """Before the first list nothing is said: what is not known is not gone."""
        if self._told is None and not first:
            return
        offers = self._offers()
        if offers != self._told:
            self._told = offers
            self._telling.set(SOURCE, offers, signal)

    def _forget(self, name: str) -> None:
        self._seen.pop(name, None)
        self._ending.pop(name, None)
        self._heard.pop(name, None)
        self._complaints.forget(name)
