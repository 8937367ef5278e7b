"""The resources of a confdir, and whether they are still those that were read."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from bootstrapper.templates.resource import Resource
from bootstrapper.templates.resources import Fault, read_resources


class ConfD:
    def __init__(self, confdir: str, prefix: str) -> None:
        self._confdir = confdir
        self._prefix = prefix
        self._look: tuple[tuple[str, int, int], ...] = ()

    def read(self) -> tuple[Sequence[Resource], Sequence[Fault]]:
        """A faulty resource is a Fault, and loses nobody else."""
        self._look = tuple(self._stamps())
        return read_resources(self._confdir, prefix=self._prefix)

    def changed(self) -> bool:
        """Cheap: by names, sizes and times."""
        return tuple(self._stamps()) != self._look

    def _stamps(self) -> Iterator[tuple[str, int, int]]:
        for folder, names, files in os.walk(Path(self._confdir) / "conf.d"):
            names.sort()
            for name in sorted(files):
                try:
                    stat = os.stat(os.path.join(folder, name))
                except OSError:
                    continue
                yield os.path.join(folder, name), stat.st_mtime_ns, stat.st_size
