"""The fleet's events as they are kept: the latest of each node, and those that are over."""

import logging
from collections.abc import Iterable, Mapping

from bootstrapper.errors import Mistake
from bootstrapper.fleet.events import FleetEvent
from bootstrapper.fleet.judging import damping
from bootstrapper.fleet.paths import EVENTS, Paths
from bootstrapper.fleet.records import decode, decoder_of
from bootstrapper.fleet.values import Fleet
from bootstrapper.settings.fleet import Brakes

logger = logging.getLogger(__name__)


decoder_of(FleetEvent)


def events_of(values: Mapping[str, str], paths: Paths) -> tuple[FleetEvent, ...]:
    """All that can be read, the oldest first."""
    found = []
    for key in _keys(values, paths):
        try:
            found.append(decode(values[key], FleetEvent))
        except Mistake:  # of another version: it explains nothing here
            continue
    return tuple(found)


def latest(events: Iterable[FleetEvent]) -> dict[str, str]:
    """Node → its latest event, of those in order."""
    return {event.node: event.id for event in events if event.kind != "leader_elected"}


def log(events: Iterable[FleetEvent]) -> None:
    for event in events:
        name = f"{event.node}/{event.instance}" if event.instance else event.node
        logger.info(
            "%s %s: %s", event.kind, name, event.reason,
            extra={"node": event.node, "instance": event.instance,
                   "service": event.service, "signal": event.signal.value},
        )  # fmt: skip


def over(
    values: Mapping[str, str],
    fleet: Fleet,
    paths: Paths,
    brakes: Brakes,
    kept: int,
    now: float,
) -> list[str]:
    """Keys to delete: events beyond `kept`, and goings of nodes that have been calm since."""
    keys = _keys(values, paths)
    calm = [
        paths.flaps(node)
        for node, went in fleet.flaps.items()
        if damping.over(went, now, brakes)
    ]  # fmt: skip
    return [*keys[: max(0, len(keys) - kept)], *calm]


def _keys(values: Mapping[str, str], paths: Paths) -> list[str]:
    prefix = f"{paths.prefix}{EVENTS}"
    return sorted(key for key in values if key.startswith(prefix))
