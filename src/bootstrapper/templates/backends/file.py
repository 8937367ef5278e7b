"""YAML and JSON files, or folders of them; watched by looking at them five times a second.

Nested maps and lists become keys: `{a: {b: [x, y]}}` is /a/b/0 and /a/b/1.
"""

import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from bootstrapper.errors import Unavailable
from bootstrapper.lifecycle import Stop
from bootstrapper.templates.backends.file_values import read_values
from bootstrapper.templates.confd.config import Config

LOOK = 0.2
"""Seconds."""


class Files:
    """Keys match by how they begin, as in confd: /app finds /app/port, and /apple too."""

    watches = True

    def __init__(self, paths: Sequence[str], pattern: str = "*") -> None:
        self._paths = tuple(paths)
        self._pattern = pattern.replace("[^", "[!")  # Go writes "none of these" with a ^

    def values(self, keys: Sequence[str]) -> dict[str, str]:
        """A file that cannot be read is Unavailable: somebody may be writing it."""
        starts = tuple(keys)
        found: dict[str, str] = {}
        for path in self._files():
            found |= read_values(path)
        return {key: value for key, value in found.items() if key.startswith(starts)}

    def wait(self, prefix: str, keys: Sequence[str], since: int, stop: Stop) -> int:
        while (seen := self._seen()) == since:
            if stop.wait(LOOK):
                return since
        return seen

    def _seen(self) -> int:
        """Stands for all the files as they are, whichever instance asks; never 0."""
        marks = []
        for path in self._files(strict=False):
            try:
                state = os.stat(path)
            except OSError:
                continue
            marks.append((path, state.st_mtime_ns, state.st_size, state.st_ino))
        return abs(hash(tuple(marks))) or 1

    def _files(self, *, strict: bool = True) -> Iterator[str]:
        for path in self._paths:
            if os.path.isdir(path):
                yield from self._below(path)
            elif os.path.exists(path):
                yield path
            elif strict:
                raise Unavailable(f"file {path}: no such file or folder")

    def _below(self, folder: str) -> Iterator[str]:
        """In the order of their names; later files win over earlier ones."""
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            raise Unavailable(f"file {folder}: {error}") from error
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith(".."):  # a Kubernetes mount's own doing
                    yield from self._below(entry.path)
            elif not entry.is_dir() and fnmatchcase(entry.name, self._pattern):
                yield entry.path


def make(config: Config) -> Files:
    return Files(config.source.files, config.source.filter)
