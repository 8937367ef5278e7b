"""From the settings to the backend they name; only its file is imported."""

from importlib import import_module

from bootstrapper.errors import Mistake
from bootstrapper.templates.backends.port import Backend
from bootstrapper.templates.confd.config import BACKENDS, Config


def make(config: Config) -> Backend:
    """Connects to nothing. Each file has a `make(config)` of its own."""
    name = config.source.backend
    if name not in BACKENDS:
        raise Mistake(f"unknown backend {name!r}", field="backend")
    made: Backend = import_module(f"bootstrapper.templates.backends.{name}").make(config)
    return made
