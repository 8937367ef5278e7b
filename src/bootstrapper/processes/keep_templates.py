"""The templates' loop, put together: for `bootstrapper watch` and for `bootstrapper confd`."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bootstrapper.errors import Mistake
from bootstrapper.fleet.followed import Followed
from bootstrapper.lifecycle import stop_on_signals
from bootstrapper.logs import start_logging
from bootstrapper.processes.systemd import notify
from bootstrapper.settings import Log, Settings
from bootstrapper.templates.backends.make import make
from bootstrapper.templates.backends.port import Backend
from bootstrapper.templates.board import Board
from bootstrapper.templates.change import Ways
from bootstrapper.templates.conf_d import ConfD
from bootstrapper.templates.confd.config import Config, Source
from bootstrapper.templates.confd.config import Pace as ConfdPace
from bootstrapper.templates.keep import Course, Keep
from bootstrapper.templates.live import Live
from bootstrapper.templates.pace import Pace
from bootstrapper.templates.pending import Ledger
from bootstrapper.templates.report import Outcome, Report
from bootstrapper.templates.resources import Fault
from bootstrapper.templates.turn import Read, Turn
from bootstrapper.templates.unit import Unit

logger = logging.getLogger(__name__)

FAILED = 1
POLLED = ("dynamodb", "secretsmanager", "ssm")
"""Backends that cannot tell of changes."""
SECRET = ("ssm", "secretsmanager", "vault")
"""Backends whose values are secrets: nothing of them is in a diff."""
HOW = {Outcome.LIVE: "at run time", Outcome.INSTALLED: "as a file"}
_LEVELS = {"panic": "error", "fatal": "error", "warn": "warning"}


def run_confd(config: Config) -> int:
    level = _LEVELS.get(config.log_level, config.log_level)
    start_logging(Log(format="text", level=level), "confd")  # type: ignore[arg-type]
    keep, live = assemble(config, make(config))
    if config.onetime:
        done = keep.once()
        live.wait_for_drains()
        return 0 if done else FAILED
    stop = threading.Event()
    stop_on_signals(stop)
    signal.signal(signal.SIGHUP, lambda *_: keep.reread())
    notify("READY=1")
    keep.run(stop)
    notify("STOPPING=1")
    return 0


def keep_of(settings: Settings, heard: Callable[[Followed], None] | None) -> Keep:
    """The templates of this node, as the settings say; `heard` is told what followed the keys."""
    part = settings.templates
    source = Source(backend=part.backend, nodes=part.nodes, files=part.files)
    config = Config(
        source=source,
        pace=ConfdPace(
            debounce=part.debounce,
            debounce_max=part.debounce_max,
            check_timeout=part.check_timeout,
            reload_timeout=part.reload_timeout,
            retry_max=part.retry_max,
        ),
        confdir=part.confdir,
        prefix=part.prefix,
        interval=part.interval,
        watch=part.backend not in POLLED,
        metrics=part.metrics,
        state=str(settings.state_dir),
    )
    backend = _own_store(settings) if part.backend == "store" else make(config)
    return assemble(config, backend, heard)[0]


def _own_store(settings: Settings) -> Backend:
    from bootstrapper.kv.open import open_store  # noqa: PLC0415 (for this backend alone)
    from bootstrapper.templates.backends.followed import Followed  # noqa: PLC0415

    return Followed(open_store(settings))


def assemble(
    config: Config, backend: Backend, heard: Callable[[Followed], None] | None = None
) -> tuple[Keep, Live]:
    state = Path(config.state) if config.state else Settings().state_dir
    if not Path(config.confdir).is_dir():
        raise Mistake(f"{config.confdir} is not a folder", field="confdir")
    board = Board(state, f"{config.source.backend} {config.confdir} {config.prefix}")
    telling = Telling(board, config, heard)
    live = Live()
    turn = Turn(_ways(config), _reader(backend), Ledger(board.pending), live, board.confirmed)
    keep = Keep(
        Course(watch=config.watch, interval=config.interval, pace=_pace(config)),
        backend,
        ConfD(config.confdir, config.prefix),
        turn,
        telling.tell,
        live.finish_drains,
        board.confirmed,
        board.memories(),
    )
    telling.of(lambda: keep.units)
    return keep, live


class Telling:
    """Each turn as a line of the log, in the metrics, and on the board."""

    def __init__(
        self, board: Board, config: Config, heard: Callable[[Followed], None] | None
    ) -> None:
        self._heard = heard
        self._board = None if config.noop else board  # what would be done is no state of a file
        self._metrics = None
        self._units: Callable[[], Mapping[str, Unit]] = dict
        if config.metrics:
            from bootstrapper.templates.metrics import Metrics  # noqa: PLC0415 (slow to import)

            self._metrics = Metrics()
            self._metrics.serve(config.metrics)

    def of(self, units: Callable[[], Mapping[str, Unit]]) -> None:
        """Whose reports these are: the loop is made with `tell`, so it comes later."""
        self._units = units

    def tell(self, reports: Sequence[Report], faults: Sequence[Fault] | None) -> None:
        for report in reports:
            _log_report(report)
            if self._heard and report.outcome in HOW:
                how = HOW[report.outcome]
                self._heard(Followed(report.dest, how, report.diff, time.time()))
        if self._metrics:
            self._metrics.count(reports)
        for fault in faults or ():
            logger.error("%s", fault)
        told = None if faults is None else [str(each) for each in faults]
        if self._board:
            self._board.note(reports, self._units(), told)


def _log_report(report: Report) -> None:
    fields = {
        "template": report.name,
        "dest": report.dest,
        "cause": report.cause,
        "outcome": report.outcome.value,
        "diff": report.diff,
        "revision": report.revision,
        "seconds": round(report.seconds, 4),
    }
    match report.outcome:
        case Outcome.UNCHANGED:
            logger.debug("%s is in sync", report.dest, extra=fields)
        case Outcome.FAILED | Outcome.HELD:
            level = logging.ERROR if report.outcome is Outcome.FAILED else logging.WARNING
            text = "%s keeps its last content: %s"
            logger.log(level, text, report.dest, report.reason, extra=fields)
        case Outcome.PREVIEWED:
            logger.info("%s would become\n%s", report.dest, report.diff, extra=fields)
        case _:
            how = "changed at run time" if report.outcome is Outcome.LIVE else "updated"
            logger.info("%s has been %s", report.dest, how, extra=fields)


def _reader(backend: Backend) -> Read:
    def read(unit: Unit) -> Mapping[str, str]:
        resource = unit.resource
        return resource.seen_by_template(backend.values(resource.wanted))

    return read


def _ways(config: Config) -> Ways:
    return Ways(
        noop=config.noop,
        sync_only=config.sync_only,
        keep_stage=config.keep_stage_file,
        secret=config.source.backend in SECRET,
        check_timeout=config.pace.check_timeout,
        reload_timeout=config.pace.reload_timeout,
    )


def _pace(config: Config) -> Pace:
    part = config.pace
    return Pace(quiet=part.debounce, most=part.debounce_max, retry_most=part.retry_max)
