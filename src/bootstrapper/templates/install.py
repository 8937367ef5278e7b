"""Put text in its place: staged beside the destination, replaced in one step, or put back.

A symbolic link is followed. A destination that is a mount point of its own (a file bound into a
container) cannot be replaced, so it is written in place, and put back when that fails.
"""

import errno
import os
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec

from bootstrapper.errors import Refused
from bootstrapper.templates.plain_file import open_plain

DEFAULT_MODE = 0o644
LONGEST = 50  # letters of a name that a staged file has, too: 255 bytes must hold all of its own
_NOT_REPLACEABLE = (errno.EBUSY, errno.EXDEV, errno.EPERM)
_NO_ROOM_BESIDE = (errno.EROFS, errno.EACCES)


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """`mode` None: as the file is, else 0644. `uid`, `gid` None: the effective ones."""

    path: Path
    mode: int | None = None
    uid: int | None = None
    gid: int | None = None

    @property
    def real(self) -> Path:
        return Path(os.path.realpath(self.path))


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a file, and whose it is."""

    data: bytes
    mode: int
    uid: int
    gid: int


def wanted(text: str, target: Target) -> Content:
    """What the target is to hold."""
    known = current(target)
    mode = target.mode if target.mode is not None else known.mode if known else DEFAULT_MODE
    try:
        data = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise Refused(f"{target.path} would hold what is no text: {error.reason}") from error
    return Content(
        data=data,
        mode=mode,
        uid=os.geteuid() if target.uid is None else target.uid,
        gid=os.getegid() if target.gid is None else target.gid,
    )


def current(target: Target) -> Content | None:
    """What the target holds; None when it is not there."""
    path = target.real
    try:
        with open_plain(path) as file:
            stat = os.fstat(file.fileno())
            data = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}") from error
    return Content(data=data, mode=stat.st_mode & 0o7777, uid=stat.st_uid, gid=stat.st_gid)


def stage(content: Content, target: Target) -> Path:
    """The content in a file of its own, on disk; beside the target when there is room."""
    path = target.real
    try:
        return _stage(content, path.parent, path.name)
    except OSError as error:
        if error.errno not in _NO_ROOM_BESIDE or not path.exists():
            raise Refused(f"{path} cannot be written: {error.strerror}") from error
    try:
        return _stage(content, Path(tempfile.gettempdir()), path.name)
    except OSError as error:
        raise Refused(f"{path} cannot be staged: {error.strerror}") from error


def put(staged: Path, content: Content, target: Target) -> None:
    """Replace the target by the staged file. When this fails the target is as it was."""
    path = target.real
    try:
        os.replace(staged, path)
        _sync(path.parent)
    except OSError as error:
        if error.errno not in _NOT_REPLACEABLE or not path.exists():
            raise Refused(f"{path} cannot be replaced: {error.strerror}") from error
        _write_in_place(content, target)


def put_back(content: Content, target: Target) -> None:
    """The last good content again."""
    staged = stage(content, target)
    try:
        put(staged, content, target)
    finally:
        staged.unlink(missing_ok=True)


def _stage(content: Content, folder: Path, name: str) -> Path:
    handle, staged = tempfile.mkstemp(dir=folder, prefix=f".{name[:LONGEST]}")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.data)
            file.flush()
            os.fchown(file.fileno(), content.uid, content.gid)
            os.fchmod(file.fileno(), content.mode)
            os.fsync(file.fileno())
    except BaseException:
        Path(staged).unlink(missing_ok=True)
        raise
    return Path(staged)


def _write_in_place(content: Content, target: Target) -> None:
    path = target.real
    before = current(target)
    try:
        _overwrite(path, content)
    except OSError as error:
        with suppress(OSError):  # there was room for the old content before
            if before is not None:
                _overwrite(path, before)
        raise Refused(f"{path} cannot be written: {error.strerror}") from error


def _overwrite(path: Path, content: Content) -> None:
    """Longer first, shorter afterwards: a full disk is met before anything is cut off."""
    with path.open("r+b") as file:
        size = os.fstat(file.fileno()).st_size
        if len(content.data) > size:
            os.posix_fallocate(file.fileno(), 0, len(content.data))
        file.write(content.data)
        file.truncate()
        file.flush()
        stat = os.fstat(file.fileno())
        if (stat.st_uid, stat.st_gid) != (content.uid, content.gid):
            os.fchown(file.fileno(), content.uid, content.gid)
        if stat.st_mode & 0o7777 != content.mode:
            os.fchmod(file.fileno(), content.mode)
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """A name that was replaced is safe once its folder is on disk."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
