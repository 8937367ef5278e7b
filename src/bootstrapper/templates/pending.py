"""What must outlive a kill between a file's replacement and the reload that makes it true.

<folder>/<name>.json, written before the file is replaced and removed once the reload succeeded.
"""

import hashlib
import logging
import os
from contextlib import suppress
from pathlib import Path

import msgspec

from bootstrapper.templates.install import Content

logger = logging.getLogger(__name__)

LONGEST = 200  # bytes; a file's name may have 255, with its ending


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """`digest` of the content that was to be reloaded; `last_good`: what was there before.

    `dest`: where that was.
    """

    digest: str
    last_good: Content | None
    dest: str = ""


class Ledger:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, name: str, new: Content, last_good: Content | None, dest: str = "") -> None:
        """A folder that cannot be written is told, and stops nobody: it costs the memory alone."""
        entry = Pending(digest=digest(new), last_good=last_good, dest=dest)
        text = msgspec.json.encode(entry)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = self._file(name).with_suffix(".new")
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._file(name))
        except OSError as error:
            logger.warning("a kill may lose a reload: %s: %s", self._folder, error.strerror)

    def of(self, name: str, dest: str = "") -> Pending | None:
        """What was begun for another `dest` says nothing of this one."""
        try:
            found = msgspec.json.decode(self._file(name).read_bytes(), type=Pending)
        except (OSError, msgspec.DecodeError):  # a torn one was never begun
            return None
        return found if dest in ("", found.dest) or not found.dest else None

    def done(self, name: str) -> None:
        with suppress(OSError):  # it cannot be there, then
            self._file(name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self._folder / f"{file_name(name)}.json"


def file_name(name: str) -> str:
    """A resource's name as that of a file: no two have the same, and none is too long."""
    plain = name.replace("%", "%25").replace("/", "%2F")
    if len(os.fsencode(plain)) <= LONGEST:
        return plain
    return hashlib.sha256(os.fsencode(plain)).hexdigest()


def digest(content: Content) -> str:
    return hashlib.sha256(content.data).hexdigest()
