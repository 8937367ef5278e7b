"""A thread for each resource: wait on the backend, wake the loop, and wait outages out."""

import logging
import random
from collections.abc import Callable

from bootstrapper.errors import Error, Unavailable
from bootstrapper.templates import pace
from bootstrapper.templates.backends.port import Backend
from bootstrapper.templates.pace import Pace
from bootstrapper.templates.place import Place

logger = logging.getLogger(__name__)


def listen(place: Place, backend: Backend, tries: Pace, wake: Callable[[int], None]) -> None:
    """Until the place stops. `wake` gets the backend's index after each change."""
    resource = place.unit.resource
    since, failures = 0, 0
    while not place.stop.is_set():
        try:
            index = backend.wait(resource.prefix, resource.wanted, since, place.stop)
        except Exception as error:  # noqa: BLE001 (a thread that ends would tell nobody)
            failures += 1
            _tell(place, error, failures)
            place.lose(error)
            place.stop.wait(_pause(error, tries, failures))
            continue
        if place.find():
            logger.warning("%s is watched again", place.unit.name)
        if (index != since or failures) and not place.stop.is_set():
            wake(index)
        since, failures = index, 0


def _pause(error: Exception, tries: Pace, failures: int) -> float:
    """What waiting does not mend is tried seldom."""
    if isinstance(error, Unavailable):
        return pace.retry_after(tries, failures, random.random())
    return tries.retry_most


def _tell(place: Place, error: Exception, failures: int) -> None:
    name = place.unit.name
    match error:
        case Unavailable():
            if failures == 1:
                logger.warning("%s keeps its last content: %s", name, error)
        case Error():
            logger.error("%s is not watched: %s", name, error)
        case _:
            logger.error("%s is not watched", name, exc_info=error)
