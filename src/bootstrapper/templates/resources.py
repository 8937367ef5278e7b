"""Read conf.d/*.toml, folders below it too. A bad one is lost alone, with its reason."""

import os
import tomllib
from collections.abc import Iterator
from typing import NamedTuple

from bootstrapper.errors import Mistake
from bootstrapper.templates.plain_file import read_plain
from bootstrapper.templates.resource import Resource
from bootstrapper.templates.resource_table import resource


class Fault(NamedTuple):
    """Why a resource is not kept: a message that begins with the file, and the field at fault."""

    path: str
    field: str
    message: str

    def __str__(self) -> str:
        return self.message


def read_resources(confdir: str, *, prefix: str = "") -> tuple[list[Resource], list[Fault]]:
    """In the order of their paths. `prefix`, where not empty, stands in the place of their own.

    A confdir without a conf.d has none. Nothing is raised for a file; each fault is told.
    """
    folder = os.path.join(confdir, "conf.d")
    found: list[Resource] = []
    faults: list[Fault] = []
    for path in _files(folder):
        try:
            found.append(_read(path, folder, confdir, prefix))
        except Mistake as mistake:
            faults.append(Fault(path, mistake.field, f"{path}: {mistake}"))
    return found, faults


def _read(path: str, folder: str, confdir: str, prefix: str) -> Resource:
    try:
        table = tomllib.loads(read_plain(path).decode())
    except (OSError, ValueError) as error:
        raise Mistake(str(error)) from error
    name = os.path.relpath(path, folder).removesuffix("toml").removesuffix(".")
    return resource(table, name=name, path=path, confdir=confdir, prefix=prefix)


def _files(folder: str) -> Iterator[str]:
    """Names that end in `toml`, sorted as Go walks. What begins with `..` is a Kubernetes mount's
    own doing: it would show every file twice.
    """
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if not entry.name.startswith(".."):
                yield from _files(entry.path)
        elif entry.name.endswith("toml") and not entry.is_dir():
            yield entry.path
