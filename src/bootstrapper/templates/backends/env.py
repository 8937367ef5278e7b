"""The environment: the key /a/b is the variable A_B."""

import os
from collections.abc import Mapping, Sequence

from bootstrapper.lifecycle import Stop
from bootstrapper.templates.backends.port import nothing_to_hear
from bootstrapper.templates.confd.config import Config


class Environment:
    """Variables match by how they begin, as in confd: /app finds APP_PORT, and APPLE too."""

    watches = True

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def values(self, keys: Sequence[str]) -> dict[str, str]:
        starts = tuple(key.removeprefix("/").replace("/", "_").upper() for key in keys)
        return {
            "/" + name.lower().replace("_", "/"): value
            for name, value in self._environ.items()
            if name.startswith(starts)
        }

    def wait(self, prefix: str, keys: Sequence[str], since: int, stop: Stop) -> int:
        """A process cannot see its environment change."""
        return nothing_to_hear(since, stop)


def make(config: Config) -> Environment:
    return Environment(os.environ)
