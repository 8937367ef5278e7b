"""One turn: read, judge, render, check, replace; then one reload for all that share a command.

Whatever fails leaves the last good file in its place, and says why.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bootstrapper.errors import Error, Refused
from bootstrapper.templates import install, shell
from bootstrapper.templates.change import Change, Ways, report, text_of
from bootstrapper.templates.guard import forgiven
from bootstrapper.templates.install import Content
from bootstrapper.templates.live import Live
from bootstrapper.templates.pending import Ledger
from bootstrapper.templates.replace import Replace
from bootstrapper.templates.report import Outcome, Report, difference
from bootstrapper.templates.unit import Unit, hold_id

logger = logging.getLogger(__name__)

Read = Callable[[Unit], Mapping[str, str]]
"""The values at or below a unit's keys, as its template names them. Raises Unavailable."""


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
        self._replace = Replace(ways, ledger, live, self._proxies)

    def take(
        self, units: Sequence[Unit], cause: str, stop: Callable[[], bool] = lambda: False
    ) -> list[Report]:
        """A report for each of them, in their order within each reload command; told to stop, it
        only finishes what it began.
        """
        reports: list[Report] = []
        changes: dict[str, list[Change]] = {}
        self._proxies.update((unit.name, unit) for unit in units if unit.resource.haproxy)
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
            reports += self._replace.install(group, cause)
        for unit in units:
            bad = any(r.name == unit.name and r.outcome is Outcome.FAILED for r in reports)
            unit.failures = unit.failures + 1 if bad else 0
        return reports

    def _guarded(self, unit: Unit, cause: str) -> Report | Change:
        try:
            return self._prepare(unit, cause)
        except Error as error:
            return report(unit, cause, Outcome.FAILED, reason=str(error))
        except Exception as error:  # one template, whatever it meets, stops only itself
            logger.exception("%s met what nobody thought of", unit.name)
            return report(unit, cause, Outcome.FAILED, reason=f"{type(error).__name__}: {error}")

    def _prepare(self, unit: Unit, cause: str) -> Report | Change:
        values = self._read(unit)
        verdict = unit.judge(values, time.monotonic())
        unit.hold = unit.passes = hold_id(values) if verdict.held else ""
        if verdict.held and not self._confirmed(unit, unit.hold):
            unit.passes = ""
            return report(unit, cause, Outcome.HELD, reason=verdict.reason, keys=len(values))
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
            return report(unit, cause, Outcome.UNCHANGED, keys=len(values))
        diff = self._difference(unit, before, content)
        if self._ways.noop:
            return report(unit, cause, Outcome.PREVIEWED, diff=diff, keys=len(values))
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
        old = text_of(last_good)
        if unit.resource.haproxy and sure and last_good and not self._ways.sync_only:
            lived = self._live.apply(unit.resource.haproxy, old, text)
        try:
            staged = install.stage(content, unit.target)
            try:
                self._check(unit, staged)
            except Refused:
                self._replace.clear(staged)
                raise
        except Refused:
            if lived:
                self._replace.unlive(unit, text, old)
            raise
        return Change(
            unit=unit, staged=staged, content=content, last_good=last_good, diff=diff, keys=keys,
            lived=lived,
        )  # fmt: skip

    def _check(self, unit: Unit, staged: Path) -> None:
        command = unit.resource.check_cmd
        if not command or self._ways.sync_only:
            return
        line = shell.fill(command, staged, Path(unit.resource.dest))
        shell.run("check_cmd", line, self._ways.check_timeout)

    def _difference(self, unit: Unit, before: Content | None, content: Content) -> str:
        secret = self._ways.secret or not content.mode & 0o044
        old = before.data if before else None
        return difference(old, content.data, unit.resource.dest, secret=secret)
