"""From the settings to the backend they name; only its file is imported."""

from importlib import import_module

from bootstrapper.errors import Mistake
from bootstrapper.templates.backends.port import Backend
from bootstrapper.templates.confd.config import BACKENDS, Config

_EXTRAS = {
    "dynamodb": "aws", "secretsmanager": "aws", "ssm": "aws", "zookeeper": "zookeeper",
}  # fmt: skip


def make(config: Config) -> Backend:
    """Connects to nothing. Each file has a `make(config)` of its own."""
    name = config.source.backend
    if name not in BACKENDS:
        raise Mistake(f"unknown backend {name!r}", field="backend")
    try:
        module = import_module(f"bootstrapper.templates.backends.{name}")
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get(name)
        if extra is None:
            raise
        raise Mistake(f"the backend {name} needs the extra bootstrapper[{extra}]") from error
    made: Backend = module.make(config)
    return made
