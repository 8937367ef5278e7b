"""What `bootstrapper templates status` reads: each file's state, kept in a folder of its own.

<state>/templates/<instance>/status.json      what is so, written after each turn
<state>/templates/<instance>/pending/         see `pending`
<state>/templates/<instance>/confirmed/NAME   a hold that somebody let through
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from bootstrapper.clock import to_text, utc_now
from bootstrapper.errors import Refused, Unknown
from bootstrapper.templates.guard import Memory
from bootstrapper.templates.pending import file_name
from bootstrapper.templates.report import Outcome, Report
from bootstrapper.templates.unit import Unit

FOLDER = "templates"
STATUS = "status.json"
OLD = "status.old"
"""What was so before it could not be written any more: nobody attends to it."""


class FileState(msgspec.Struct, frozen=True, kw_only=True):
    """`since`: when the outcome became what it is; `true_at`: when it last was true to its keys."""

    name: str
    dest: str
    outcome: Outcome
    reason: str = ""
    revision: int = 0
    true_revision: int = 0
    keys: int = 0
    since: str = ""
    true_at: str = ""
    hold: str = ""
    guarded: tuple[bytes, ...] = ()
    """The keys of the last render, where a guard must know them after a restart."""


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """One running `confd` or `watch`."""

    instance: str
    source: str
    pid: int
    files: dict[str, FileState] = {}
    faults: tuple[str, ...] = ()
    parted: dict[str, tuple[bytes, ...]] = {}
    """The `guarded` of resources that went, or cannot be read now."""
    begun: str = ""

    @property
    def alive(self) -> bool:
        """A number may be that of another process by now."""
        return bool(self.begun) and beginning(self.pid) == self.begun


def beginning(pid: int) -> str:
    """When a process began, by the kernel's own count; "" when it is gone, or dead and unburied."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "" if words[0] in "ZX" else words[19]
    except (OSError, IndexError):
        return ""


def instance_of(*words: str) -> str:
    """A short name that is the same after a restart."""
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:8]


class Board:
    def __init__(self, state: Path, source: str) -> None:
        instance = instance_of(source)
        self.folder = state / FOLDER / instance
        self._source = source
        self._files: dict[str, FileState] = {}
        self._parted: dict[str, tuple[bytes, ...]] = {}
        known = _read(self.folder / STATUS) or _read(self.folder / OLD)
        if known:
            self._files = dict(known.files)
            self._parted = dict(known.parted)
        self._faults: tuple[str, ...] = ()

    @property
    def pending(self) -> Path:
        return self.folder / "pending"

    def memories(self) -> dict[str, Memory]:
        """What each guard knew before a restart."""
        known = self._parted | {name: x.guarded for name, x in self._files.items() if x.guarded}
        return {
            name: Memory(keys=frozenset(key.decode("utf-8", "surrogateescape") for key in keys))
            for name, keys in known.items()
        }

    def note(
        self, reports: Sequence[Report], units: Mapping[str, Unit], faults: Sequence[str] | None
    ) -> None:
        """`faults` None: as before. Else the resources were read again, and `units` are all."""
        for report in reports:
            unit = units.get(report.name)
            self._files[report.name] = self._state(report, unit)
            if unit and report.outcome.good and not unit.passes:
                self._forget_confirmation(unit)
        self._part_with({name for name in self._files if name not in units})
        if faults is not None:
            self._faults = tuple(_told(each) for each in faults)
        self._write()

    def confirmed(self, unit: Unit, hold: str) -> bool:
        try:
            return self._confirmation(unit.name).read_text().strip() == hold
        except (OSError, ValueError):
            return False

    def _confirmation(self, name: str) -> Path:
        return self.folder / "confirmed" / file_name(name)

    def _forget_confirmation(self, unit: Unit) -> None:
        """It was for that once: the keys are back, and may go again."""
        with suppress(OSError):
            self._confirmation(unit.name).unlink(missing_ok=True)

    def _part_with(self, names: set[str]) -> None:
        """Nobody keeps these files any more: what is left of them is what their guards knew."""
        for name in names:
            state = self._files.pop(name)
            if state.guarded:
                self._parted[name] = state.guarded

    def _state(self, report: Report, unit: Unit | None) -> FileState:
        known = self._files.get(report.name)
        now = to_text(utc_now())
        same = known is not None and known.outcome.good == report.outcome.good
        memory = unit.memory.keys if unit and _guarded(unit) else None
        return FileState(
            name=report.name,
            dest=report.dest,
            outcome=report.outcome,
            reason=_told(report.reason),
            revision=report.revision,
            true_revision=report.revision
            if report.outcome.good
            else (known.true_revision if known else 0),
            keys=report.keys,
            since=known.since if known and same else now,
            true_at=now if report.outcome.good else known.true_at if known else "",
            hold=unit.hold if unit else "",
            guarded=tuple(sorted(key.encode("utf-8", "surrogateescape") for key in memory or ())),
        )

    def _write(self) -> None:
        """A full disk must not stop the templates: what is told is old then, and said to be."""
        status = Status(
            instance=self.folder.name, source=self._source, pid=os.getpid(), files=self._files,
            faults=self._faults, parted=self._parted, begun=beginning(os.getpid()),
        )  # fmt: skip
        part = self.folder / f".status-{os.getpid()}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            part.write_bytes(msgspec.json.encode(status))
            part.replace(self.folder / STATUS)
            (self.folder / OLD).unlink(missing_ok=True)
        except OSError:
            with suppress(OSError):
                (self.folder / STATUS).replace(self.folder / OLD)
            with suppress(OSError):
                part.unlink(missing_ok=True)


def statuses(state: Path) -> Iterator[Status]:
    """Of everything that runs, or ran, with this state folder."""
    for file in sorted((state / FOLDER).glob("*/status.*")):
        status = _read(file)
        if status:
            yield status if file.name == STATUS else msgspec.structs.replace(status, begun="")


def confirm(state: Path, name: str) -> FileState:
    """Let the hold of this file through, as it is now."""
    for status in statuses(state):
        known = status.files.get(name)
        if known is None or not known.hold:
            continue
        file = state / FOLDER / status.instance / "confirmed" / file_name(name)
        try:
            file.parent.mkdir(exist_ok=True, mode=0o700)
            file.write_text(known.hold + "\n")
        except OSError as error:
            raise Refused(f"{file} cannot be written: {error.strerror}") from error
        return known
    raise Unknown(f"no template {name!r} is held")


def _told(text: str) -> str:
    """A key in it may be no Unicode: what is written is."""
    return text.encode("utf-8", "replace").decode()


def _guarded(unit: Unit) -> bool:
    return unit.limits.max_removed < 1


def _read(file: Path) -> Status | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Status)
    except (OSError, msgspec.MsgspecError):
        return None
