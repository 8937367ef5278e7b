"""What the settings name, as the fleet's own values: layouts, serf's agent, whom to join."""

import msgspec

from bootstrapper.errors import Mistake
from bootstrapper.fleet.layouts import FIELD, PRESETS, Layout
from bootstrapper.fleet.paths import Paths
from bootstrapper.fleet.reading import fleet_of
from bootstrapper.fleet.serf.joining import Peer, foreign_peers, peers_of
from bootstrapper.fleet.serf.rpc import Rpc
from bootstrapper.kv.store import Store
from bootstrapper.secret import read_secret_value
from bootstrapper.settings import Fleet, Serf


def layouts_of(part: Fleet) -> tuple[Layout, ...]:
    """Presets by name, then the operator's own. Raises Mistake."""
    found: list[Layout] = []
    for name in part.layouts:
        for preset in PRESETS[name]:
            root = part.registrator_prefix.rstrip("/") if name == "registrator" else ""
            found.append(msgspec.structs.replace(preset, key=root + preset.key))
    try:
        found += [msgspec.convert(msgspec.to_builtins(each), Layout) for each in part.keys]
    except msgspec.ValidationError as error:
        raise Mistake(str(error).partition(" - at ")[0], field="fleet.keys") from error
    return tuple(found)


def mirrored(paths: Paths, layouts: tuple[Layout, ...]) -> list[str]:
    """The records, and whatever stands before the first field of each layout's key."""
    return [paths.prefix, *(FIELD.split(layout.key)[0] for layout in layouts)]


def agent_of(serf: Serf) -> Rpc:
    """A connection to this machine's agent."""
    if not serf.rpc:
        raise Mistake("no Serf agent is set: fleet.serf.rpc", field="fleet.serf.rpc")
    key = read_secret_value("fleet.serf.auth", serf.auth) if serf.auth else ""
    return Rpc(serf.rpc, key)


def peers_of_store(part: Fleet, store: Store, cluster: str) -> tuple[Peer, ...]:
    """Those who may be joined, as the store has them now; `cluster` "": of any."""
    paths, layouts = Paths(part.prefix), layouts_of(part)
    values: dict[str, str] = {}
    for prefix in mirrored(paths, layouts):
        values.update(store.read(prefix).values)
    fleet = fleet_of(values, paths, 0)
    known = peers_of(fleet, cluster, port=part.serf.port)
    return (*known, *foreign_peers(layouts, values, cluster, fleet))
