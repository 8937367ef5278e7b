"""One turn: read, judge, render, check, replace; then one reload for all that share a command.

Whatever fails leaves the last good file in its place, and says why.
"""

import logging
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from bootstrapper.errors import Error, Refused
from bootstrapper.templates import install, shell
from bootstrapper.templates.guard import forgiven
from bootstrapper.templates.install import Content
from bootstrapper.templates.live import Live, Passage
from bootstrapper.templates.pending import Ledger
from bootstrapper.templates.report import Outcome, Report, difference
from bootstrapper.templates.unit import Unit, hold_id

logger = logging.getLogger(__name__)

Read = Callable[[Unit], Mapping[str, str]]
"""The values at or below a unit's keys, as its template names them. Raises Unavailable."""


class Ways(msgspec.Struct, frozen=True, kw_only=True):
    """How turns go: confd's switches, and the seconds that its commands may take."""

    noop: bool = False
    sync_only: bool = False
    keep_stage: bool = False
    secret: bool = False  # the backend holds secrets: no diffs
    check_timeout: float = 30.0
    reload_timeout: float = 60.0


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A staged file that waits for its replacement and reload."""

    unit: Unit
    staged: Path
    content: Content
    last_good: Content | None
    diff: str
    keys: int
    lived: bool


class Turn:
    """`live` changes proxies at run time; `confirmed` tells whether a hold was let through."""

    def __init__(
        self,
        ways: Ways,
        read: Read,
        ledger: Ledger,
        live: Live,
        confirmed: Callable[[Unit, str], bool],
    ) -> None:
        self._ways = ways
        self._read = read
        self._ledger = ledger
        self._live = live
        self._confirmed = confirmed
        self._proxies: dict[str, Unit] = {}

    def take(
        self, units: Sequence[Unit], cause: str, stop: Callable[[], bool] = lambda: False
    ) -> list[Report]:
        """A report for each of them, in their order within each reload command; told to stop, it
        only finishes what it began.
        """
        reports: list[Report] = []
        changes: dict[str, list[Change]] = {}
        self._proxies |= {unit.name: unit for unit in units if unit.resource.haproxy}
        for unit in units:
            if stop():
                break
            step = self._guarded(unit, cause)
            if isinstance(step, Report):
                reports.append(step)
            else:
                command = step.unit.resource.reload_cmd or f"\0{step.unit.name}"
                changes.setdefault(command, []).append(step)
        for group in changes.values():
            reports += self._install(group, cause)
        for unit in units:
            bad = any(r.name == unit.name and r.outcome is Outcome.FAILED for r in reports)
            unit.failures = unit.failures + 1 if bad else 0
        return reports

    def _guarded(self, unit: Unit, cause: str) -> Report | Change:
        try:
            return self._prepare(unit, cause)
        except Error as error:
            return _report(unit, cause, Outcome.FAILED, reason=str(error))
        except Exception as error:  # one template, whatever it meets, stops only itself
            logger.exception("%s met what nobody thought of", unit.name)
            return _report(unit, cause, Outcome.FAILED, reason=f"{type(error).__name__}: {error}")

    def _prepare(self, unit: Unit, cause: str) -> Report | Change:
        values = self._read(unit)
        verdict = unit.judge(values, time.monotonic())
        unit.hold = unit.passes = hold_id(values) if verdict.held else ""
        if verdict.held and not self._confirmed(unit, unit.hold):
            unit.passes = ""
            return _report(unit, cause, Outcome.HELD, reason=verdict.reason, keys=len(values))
        memory = forgiven(verdict.memory) if verdict.held else verdict.memory
        text = unit.render(values)
        content = install.wanted(text, unit.target)
        before = install.current(unit.target)
        pending = self._ledger.of(unit.name, unit.resource.dest)
        last_good = pending.last_good if pending else before
        if before == content and (pending is None or content == last_good):
            unit.memory, unit.hold = memory, ""
            self._ledger.done(unit.name)
            if unit.resource.haproxy and not self._ways.noop:
                self._live.look(unit.resource.haproxy, text)
            return _report(unit, cause, Outcome.UNCHANGED, keys=len(values))
        diff = self._difference(unit, before, content)
        if self._ways.noop:
            return _report(unit, cause, Outcome.PREVIEWED, diff=diff, keys=len(values))
        change = self._stage(unit, text, content, last_good, diff, len(values), pending is None)
        unit.memory, unit.hold = memory, ""
        return change

    def _stage(
        self, unit: Unit, text: str, content: Content, last_good: Content | None, diff: str,
        keys: int, sure: bool,
    ) -> Change:  # fmt: skip
        """The proxy first, where it can be changed at run time: nothing waits for the disk.

        Not while a reload is pending (`sure` is False): the proxy has not the file's state then.
        """
        lived = False
        old = _text(last_good)
        if unit.resource.haproxy and sure and last_good and not self._ways.sync_only:
            lived = self._live.apply(unit.resource.haproxy, old, text)
        try:
            staged = install.stage(content, unit.target)
            try:
                self._check(unit, staged)
            except Refused:
                self._clear(staged)
                raise
        except Refused:
            if lived:
                self._unlive(unit, text, old)
            raise
        return Change(
            unit=unit, staged=staged, content=content, last_good=last_good, diff=diff, keys=keys,
            lived=lived,
        )  # fmt: skip

    def _unlive(self, unit: Unit, new: str, old: str) -> None:
        """The file stays as it was: so must the proxy."""
        if unit.resource.haproxy:
            self._live.apply(unit.resource.haproxy, new, old)

    def _check(self, unit: Unit, staged: Path) -> None:
        command = unit.resource.check_cmd
        if not command or self._ways.sync_only:
            return
        line = shell.fill(command, staged, Path(unit.resource.dest))
        shell.run("check_cmd", line, self._ways.check_timeout)

    def _install(self, group: Sequence[Change], cause: str) -> list[Report]:
        """Replace the files of one reload command, run it, and put them back when it fails."""
        put: list[Change] = []
        reports: list[Report] = []
        for change in group:
            try:
                self._put(change)
                put.append(change)
            except Refused as error:
                if change.lived:
                    self._unlive(change.unit, _text(change.content), _text(change.last_good))
                reports.append(_of(change, cause, Outcome.FAILED, str(error)))
            finally:
                self._clear(change.staged)
        wanting = [change for change in put if self._wants_reload(change)]
        reason = self._reload(wanting)
        for change in put:
            if reason and change in wanting:
                self._put_back(change)
                reports.append(_of(change, cause, Outcome.FAILED, reason))
            else:
                outcome = Outcome.LIVE if change.lived else Outcome.INSTALLED
                self._ledger.done(change.unit.name)
                reports.append(_of(change, cause, outcome, reloaded=change in wanting))
        return reports

    def _wants_reload(self, change: Change) -> bool:
        resource = change.unit.resource
        wanted = bool(resource.reload_cmd or resource.haproxy)
        return wanted and not (change.lived or self._ways.sync_only)

    def _put(self, change: Change) -> None:
        if self._wants_reload(change):
            unit = change.unit
            self._ledger.begin(unit.name, change.content, change.last_good, unit.resource.dest)
        install.put(change.staged, change.content, change.unit.target)

    def _put_back(self, change: Change) -> None:
        """Where there was nothing before, the new file stays: its service may start with it."""
        if change.last_good is not None:
            with suppress(Refused):
                install.put_back(change.last_good, change.unit.target)

    def _reload(self, changes: Sequence[Change]) -> str:
        """Why it failed; "" when it did not."""
        if not changes:
            return ""
        resource = changes[0].unit.resource
        dest = Path(resource.dest)
        passages = [
            Passage(change.unit.resource.haproxy, _text(change.last_good), _text(change.content))
            for change in changes
            if change.unit.resource.haproxy
        ]
        passages += self._bystanders(resource.reload_cmd, {change.unit.name for change in changes})
        try:
            with self._live.reloading(passages):
                if resource.reload_cmd:
                    line = shell.fill(resource.reload_cmd, dest, dest)
                    shell.run("reload_cmd", line, self._ways.reload_timeout)
                elif resource.haproxy:
                    self._live.reload(resource.haproxy)
        except Error as error:
            return str(error)
        return ""

    def _bystanders(self, command: str, names: Container[str]) -> Iterator[Passage]:
        """Proxies whose files stay as they are, or are true already, and which it reloads, too."""
        for name, unit in self._proxies.items():
            haproxy = unit.resource.haproxy
            if command and unit.resource.reload_cmd == command and haproxy and name not in names:
                with suppress(Refused):
                    text = _text(install.current(unit.target))
                    yield Passage(haproxy, text, text, bystander=True)

    def _clear(self, staged: Path) -> None:
        if not self._ways.keep_stage:
            with suppress(OSError):
                staged.unlink(missing_ok=True)

    def _difference(self, unit: Unit, before: Content | None, content: Content) -> str:
        secret = self._ways.secret or not content.mode & 0o044
        old = before.data if before else None
        return difference(old, content.data, unit.resource.dest, secret=secret)


def _text(content: Content | None) -> str:
    return content.data.decode("utf-8", "surrogateescape") if content else ""


def _report(
    unit: Unit, cause: str, outcome: Outcome, *, reason: str = "", diff: str = "", keys: int = 0
) -> Report:
    return Report(
        name=unit.name, dest=unit.resource.dest, cause=cause, outcome=outcome, reason=reason,
        diff=diff, keys=keys,
    )  # fmt: skip


def _of(
    change: Change, cause: str, outcome: Outcome, reason: str = "", *, reloaded: bool = False
) -> Report:
    report = _report(change.unit, cause, outcome, reason=reason, diff=change.diff, keys=change.keys)
    return msgspec.structs.replace(report, reloaded=reloaded)
