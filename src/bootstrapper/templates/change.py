"""A change of one file on its way: staged, and what its turn will report of it."""

from pathlib import Path

import msgspec

from bootstrapper.templates.install import Content
from bootstrapper.templates.report import Outcome, Report
from bootstrapper.templates.unit import Unit


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


def text_of(content: Content | None) -> str:
    return content.data.decode("utf-8", "surrogateescape") if content else ""


def report(
    unit: Unit, cause: str, outcome: Outcome, *, reason: str = "", diff: str = "", keys: int = 0
) -> Report:
    return Report(
        name=unit.name, dest=unit.resource.dest, cause=cause, outcome=outcome, reason=reason,
        diff=diff, keys=keys,
    )  # fmt: skip


def report_of(
    change: Change, cause: str, outcome: Outcome, reason: str = "", *, reloaded: bool = False
) -> Report:
    told = report(change.unit, cause, outcome, reason=reason, diff=change.diff, keys=change.keys)
    return msgspec.structs.replace(told, reloaded=reloaded)
