"""A backend with the server it reads: started, changed, killed and brought back by the tests."""

from pathlib import Path

from bootstrapper.templates.backends.make import make
from bootstrapper.templates.backends.port import Backend
from bootstrapper.templates.confd.config import Config, Source


class World:
    """`by_text`: keys match by how they begin, as confd has it for this backend."""

    name = ""
    by_text = False
    can_die = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def source(self) -> Source:
        raise NotImplementedError

    def backend(self) -> Backend:
        return make(Config(source=self.source(), interval=1))

    def start(self) -> None: ...
    def kill(self) -> None: ...
    def back(self) -> None:
        self.start()

    def stop(self) -> None:
        self.kill()

    def put(self, key: str, value: str) -> None:
        raise NotImplementedError

    def delete(self, key: str) -> None:
        raise NotImplementedError
