"""What cannot be read of a container is told once, until it is something else."""

import logging

logger = logging.getLogger(__name__)


class Complaints:
    def __init__(self) -> None:
        self._made: dict[tuple[str, str], tuple[str, ...]] = {}

    def make(self, container: str, title: str, faults: tuple[str, ...], about: str = "") -> None:
        """`container`: its id; `title`: its name, for people."""
        if faults and self._made.get((container, about)) != faults:
            logger.warning("the container %s: %s", title, "; ".join(faults))
        self._made[container, about] = faults

    def forget(self, container: str) -> None:
        for each in [each for each in self._made if each[0] == container]:
            del self._made[each]
