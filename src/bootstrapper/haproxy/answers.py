"""What HAProxy says of itself, as values. Pure.

The columns of `show servers state` are named in its first lines, those of `show stat` in its
first: they are found by name, as versions add to them.
"""

import csv
from collections.abc import Iterator, Mapping

from msgspec import Struct

from bootstrapper.errors import Refused
from bootstrapper.haproxy.changes import Mode
from bootstrapper.haproxy.options import Version
from bootstrapper.haproxy.server import join

MAINT_BY_COMMAND, DRAIN = 0x01, 0x08
"""Bits of srv_admin_state (management 9.3, `show servers state`)."""
MAINT_OF_ANY_KIND = 0x01 | 0x02 | 0x20
"""Not 0x04: that the file had it off when HAProxy started stays told when it is on again."""
DRAIN_OF_ANY_KIND = 0x08 | 0x10


class Row(Struct, frozen=True):
    """A server that runs. `address` is "-" where it has none."""

    backend: str
    name: str
    id: int
    address: str
    port: int
    admin: int
    weight: int

    @property
    def mode(self) -> Mode:
        if self.admin & MAINT_OF_ANY_KIND:
            return Mode.MAINT
        return Mode.DRAIN if self.admin & DRAIN_OF_ANY_KIND else Mode.READY

    @property
    def place(self) -> str:
        return join(self.address, self.port)


class Info(Struct, frozen=True):
    version: Version
    pid: int
    uptime: int
    fields: dict[str, str]


def read_info(text: str) -> Info:
    found = dict(_field(line) for line in text.splitlines() if ": " in line)
    try:
        major, minor = found["Version"].split("-")[0].split(".")[:2]
        version = (int(major), int(minor))
        return Info(version, int(found["Pid"]), int(found["Uptime_sec"]), found)
    except (KeyError, ValueError):
        raise Refused(f"this is no answer of HAProxy: {text[:80]!r}") from None


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(": ")
    return name, value.strip()


def read_states(text: str) -> tuple[Row, ...]:
    """Of `show servers state`."""
    lines = text.strip().split("\n")
    if len(lines) < 2 or not lines[1].startswith("# be_id"):  # noqa: PLR2004
        raise Refused(f"HAProxy shows no servers: {lines[0]}")
    columns = {name: at for at, name in enumerate(lines[1][2:].split())}
    wanted = ("be_name", "srv_name", "srv_id", "srv_addr", "srv_port", "srv_admin_state",
              "srv_uweight")  # fmt: skip
    try:
        be, name, number, addr, port, admin, weight = (columns[each] for each in wanted)
        return tuple(
            Row(row[be], row[name], int(row[number]), row[addr], int(row[port]), int(row[admin]),
                int(row[weight]))
            for row in (line.split(" ") for line in lines[2:])
        )  # fmt: skip
    except (KeyError, ValueError, IndexError):
        raise Refused(f"HAProxy's states end in the middle: {lines[-1][:80]!r}") from None


def read_stat(text: str) -> Iterator[Mapping[str, str]]:
    """The rows of `show stat`, by the names of its columns."""
    lines = text.strip().removeprefix("# ").splitlines()
    if not lines or not lines[0].startswith("pxname"):
        raise Refused(f"HAProxy shows no figures: {lines[0] if lines else ''}")
    return iter(csv.DictReader(lines))


def row_of(stat: Mapping[str, str]) -> Row:
    """A server's row of `show stat` as one of `show servers state`."""
    try:
        address, _, port = stat["addr"].rpartition(":")
        status = stat["status"]
        admin = MAINT_BY_COMMAND if status.startswith("MAINT") else 0
        admin |= DRAIN if status.startswith("DRAIN") else 0
        return Row(
            stat["pxname"], stat["svname"], int(stat["sid"]), address.strip("[]") or "-",
            int(port or 0), admin, int(stat["uweight"]),
        )  # fmt: skip
    except (KeyError, ValueError, TypeError, AttributeError):  # a column that is short is None
        raise Refused(f"HAProxy's figures end in the middle: {stat}") from None
