"""`bootstrapper watch` on a node: services registered, templates and proxy kept true."""

import logging
import signal
import threading
from typing import TYPE_CHECKING

from bootstrapper.errors import Mistake, Refused, Unavailable
from bootstrapper.lifecycle import Loop, run_together, stop_on_signals
from bootstrapper.logs import start_logging
from bootstrapper.processes.systemd import notify
from bootstrapper.settings import Settings

if TYPE_CHECKING:
    from bootstrapper.processes.keep_fleet import FleetLoops

logger = logging.getLogger(__name__)


def run(settings: Settings) -> int:
    if not settings.templates.confdir and not settings.fleet.enabled:
        raise Mistake(
            "nothing to watch: set fleet.enabled, or templates.confdir", field="fleet.enabled"
        )
    start_logging(settings.log, "watch")
    stop = threading.Event()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    loops: dict[str, Loop] = {}
    fleet: FleetLoops | None = None
    if settings.fleet.enabled:
        from bootstrapper.processes.keep_fleet import fleet_loops  # noqa: PLC0415 (where set)

        fleet = fleet_loops(settings)
        loops |= fleet.loops
    if settings.templates.confdir:
        from bootstrapper.processes.keep_templates import keep_of  # noqa: PLC0415 (where set)

        keep = keep_of(settings, fleet.heard if fleet else None)
        signal.signal(signal.SIGHUP, lambda *_: keep.reread())
        loops["templates"] = keep.run
    stop_on_signals(stop)
    notify("READY=1")
    run_together(stop, **loops)
    notify("STOPPING=1")
    if fleet:
        try:
            fleet.at_end()
        except (Unavailable, Refused) as error:
            logger.warning("what runs here stays registered: %s", error)
    return 0
