"""What systemd says of units, and what that means for the services that they run. Pure.

systemctl(1), `show`: one block of `Property=value` lines for each unit that was asked for, blocks
parted by an empty line; a unit that does not exist has one too.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from bootstrapper.errors import Mistake
from bootstrapper.fleet.values import Offer

PROPERTIES = ("Id", "Names", "LoadState", "ActiveState", "SubState", "MainPID")
SERVES = frozenset(("active", "reloading", "refreshing"))
DRAINS = "deactivating"
_KINDS = (
    "service", "socket", "target", "device", "mount", "automount", "swap", "timer", "path",
    "slice", "scope",
)  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]*")


@dataclass(frozen=True, slots=True)
class UnitState:
    """`pid`: of its main process, 0 if it has none."""

    active: str
    sub: str
    pid: int = 0
    found: bool = True


def full_name(unit: str) -> str:
    """As systemctl completes it. Raises Mistake for what is a pattern, a path or an option."""
    if not _NAME.fullmatch(unit):
        raise Mistake(f"{unit!r} is not the name of a unit", field="fleet.services")
    return unit if unit.rpartition(".")[2] in _KINDS and "." in unit else f"{unit}.service"


def command(units: Iterable[str]) -> tuple[str, ...]:
    names = sorted({full_name(unit) for unit in units})
    return ("systemctl", "show", f"--property={','.join(PROPERTIES)}", "--", *names)


def read_states(text: str) -> dict[str, UnitState]:
    """By each name that a unit has, aliases too."""
    found: dict[str, UnitState] = {}
    for block in re.split(r"\n[ \t]*\n", text):
        said = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if "Id" not in said:
            continue
        pid = said.get("MainPID", "0")
        state = UnitState(
            said.get("ActiveState", ""), said.get("SubState", ""), int(pid) if pid.isdigit() else 0,
            said.get("LoadState", "loaded") != "not-found",
        )  # fmt: skip
        for name in (said["Id"], *said.get("Names", "").split()):
            found[name] = state
    return found


def offered(
    wanted: Mapping[str, tuple[Offer, ...]],
    states: Mapping[str, UnitState],
    ended: Mapping[str, int],
) -> dict[str, Offer]:
    """What the units serve now, by `Offer.id`. `ended`: unit → a main process that is known to
    have died, whatever systemd has noticed of it.
    """
    found: dict[str, Offer] = {}
    for unit, offers in wanted.items():
        state = states.get(full_name(unit))
        if state is None or (state.pid and ended.get(unit) == state.pid):
            continue
        for offer in offers:
            if state.active in SERVES:
                found[offer.id] = offer
            elif state.active == DRAINS:
                found[offer.id] = msgspec.structs.replace(offer, draining=True)
    return found
