"""The end of a turn: files are replaced, one reload for all that share it, or all is put back."""

from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from bootstrapper.errors import Error, Refused
from bootstrapper.templates import install, shell
from bootstrapper.templates.change import Change, Ways, report_of, text_of
from bootstrapper.templates.live import Live, Passage
from bootstrapper.templates.pending import Ledger
from bootstrapper.templates.report import Outcome, Report
from bootstrapper.templates.unit import Unit


class Replace:
    """`proxies`: all units before a proxy, by name; one's reload may be another's."""

    def __init__(self, ways: Ways, ledger: Ledger, live: Live, proxies: Mapping[str, Unit]) -> None:
        self._ways = ways
        self._ledger = ledger
        self._live = live
        self._proxies = proxies

    def install(self, group: Sequence[Change], cause: str) -> list[Report]:
        """Replace the files of one reload command, run it, and put them back when it fails."""
        put: list[Change] = []
        reports: list[Report] = []
        for change in group:
            try:
                self._put(change)
                put.append(change)
            except Refused as error:
                if change.lived:
                    self.unlive(change.unit, text_of(change.content), text_of(change.last_good))
                reports.append(report_of(change, cause, Outcome.FAILED, str(error)))
            finally:
                self.clear(change.staged)
        wanting = [change for change in put if self._wants_reload(change)]
        reason = self._reload(wanting)
        for change in put:
            if reason and change in wanting:
                self._put_back(change)
                reports.append(report_of(change, cause, Outcome.FAILED, reason))
            else:
                outcome = Outcome.LIVE if change.lived else Outcome.INSTALLED
                self._ledger.done(change.unit.name)
                reports.append(report_of(change, cause, outcome, reloaded=change in wanting))
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
            Passage(
                change.unit.resource.haproxy, text_of(change.last_good), text_of(change.content)
            )
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
                    text = text_of(install.current(unit.target))
                    yield Passage(haproxy, text, text, bystander=True)

    def unlive(self, unit: Unit, new: str, old: str) -> None:
        """The file stays as it was: so must the proxy."""
        if unit.resource.haproxy:
            self._live.apply(unit.resource.haproxy, new, old)

    def clear(self, staged: Path) -> None:
        if not self._ways.keep_stage:
            with suppress(OSError):
                staged.unlink(missing_ok=True)
