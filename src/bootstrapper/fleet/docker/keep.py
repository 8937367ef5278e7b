"""The loop over Docker: listen to events first, then look at the whole, again after each outage.

Events wake and looks decide, but what takes traffic away counts when it is heard. While Docker is
away nothing is known, so nothing changes: its containers may well live on.
"""

import logging
import threading
import time

from bootstrapper.errors import Refused, Unavailable
from bootstrapper.fleet.docker.engine import Engine, Events
from bootstrapper.fleet.docker.known import Answer, Known
from bootstrapper.fleet.docker.places import Ways
from bootstrapper.fleet.offers import Telling
from bootstrapper.kv.backoff import delays
from bootstrapper.lifecycle import Stop
from bootstrapper.settings.fleet import Docker

logger = logging.getLogger(__name__)

LOOK = 0.25  # seconds between looks at `stop`
STEADY = 5.0
"""Seconds that a link lasts beyond one silent answer, so that the next is tried at once."""
LEAVE = 1.0  # seconds for the listening thread to end
MOST_SILENT = 2
"""Containers that Docker says nothing of, until it is taken for silent altogether."""


def ways_of(docker: Docker, node: str, address: str) -> Ways:
    """`address`: this node's, as others reach it."""
    return Ways(
        node=node, address=address, internal=docker.internal, explicit=docker.explicit,
        command=("docker", "--host", docker.url),
    )  # fmt: skip


def keep_docker(docker: Docker, ways: Ways, telling: Telling, stop: Stop) -> None:
    """A loop: tells all that this node's containers offer, whenever it is another.

    Raises Mistake for a `url` that is none.
    """
    engine = Engine(docker.url, docker.timeout)
    known = Known(ways, telling)
    waits, away = delays(), False
    while not stop.is_set():
        link, opened = _Link(engine, known), time.monotonic()
        try:
            link.open()
            known.begin()
            link.look()
            if away:
                logger.info("Docker is back: what runs is known again")
            away = False
            link.follow(docker.resync, stop)
        except (Unavailable, Refused) as error:
            level = logging.DEBUG if away else logging.WARNING
            logger.log(level, "its containers stay as they were known: %s", error)
            away = True
        finally:
            link.close()
        if time.monotonic() - opened > docker.timeout + STEADY:
            waits = delays()
        if away:
            stop.wait(next(waits))


class _Link:
    """One link to Docker, from its opening to its end."""

    def __init__(self, engine: Engine, known: Known) -> None:
        self._engine = engine
        self._known = known
        self._woken = threading.Event()
        self._ended: Unavailable | None = None
        self._events: Events | None = None
        self._silent: set[str] = set()

    def open(self) -> None:
        """Events are heard from now on."""
        self._events = self._engine.events()
        self._thread = threading.Thread(
            target=self._listen, args=(self._events,), name="docker-events", daemon=True
        )
        self._thread.start()

    def follow(self, resync: float, stop: Stop) -> None:
        """Look at each news, and each `resync` seconds. Raises Unavailable when the link ends."""
        due = time.monotonic() + resync
        while not stop.is_set():
            left = due - time.monotonic()
            if not self._woken.wait(max(0.0, min(LOOK, left))) and left > 0:
                continue
            if self._ended is not None:
                raise self._ended
            if left <= 0:
                self._silent.clear()
                due = time.monotonic() + resync
            self.look()

    def look(self) -> None:
        """The whole state, though only what is new or changed is inspected."""
        self._woken.clear()
        asked = self._known.latest()
        listed = self._engine.containers()
        answers: dict[str, Answer] = {}
        for name in self._known.unknown(listed):
            if name in self._silent:
                continue
            number = self._known.latest()
            try:
                container = self._engine.inspect(name)
            except Unavailable as error:
                self._silent.add(name)
                if len(self._silent) >= MOST_SILENT:
                    raise
                logger.warning("the container %s waits for the next list: %s", name[:12], error)
                continue
            answers[name] = Answer(asked=number, container=container)
        self._known.take(asked, listed, answers)

    def close(self) -> None:
        if self._events is not None:
            self._events.close()
            self._thread.join(LEAVE)
            self._events.release()
            self._events = None

    def _listen(self, events: Events) -> None:
        try:
            for event in events:
                self._known.hear(event)
                self._woken.set()
        except Unavailable as error:
            self._ended = error
        except Exception as error:  # a thread that ends would tell nobody
            logger.exception("an event of Docker's cannot be followed")
            self._ended = Unavailable(str(error))
        self._woken.set()
