"""The health check that a container's labels ask for: `SERVICE_CHECK_HTTP`, `_TCP` or `_CMD`. Pure.

Of several kinds the first of these counts, as with registrator. A command runs in the container.
"""

import re
import shlex
from collections.abc import Callable

from bootstrapper.fleet.docker.inspected import Container
from bootstrapper.fleet.docker.metadata import Fields
from bootstrapper.fleet.docker.places import Place, Ways
from bootstrapper.fleet.values import Check

NOT_DONE = (
    "check_https", "check_script", "check_ttl", "check_grpc", "check_http_method",
    "check_deregister_after",
)  # fmt: skip
UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9, "": 1.0}
COMMAND_INTERVAL = 10.0  # seconds: a command in a container costs a process or three
COMMAND_TIMEOUT = 5.0
SHORTEST, LONGEST = 0.05, 86_400.0
_ONE = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns|)")


def checks_of(
    container: Container, fields: Fields, place: Place, ways: Ways, faults: list[str]
) -> tuple[Check, ...]:
    for name in NOT_DONE:
        if fields[name]:
            faults.append(f"{fields.label(name)}: nothing here acts on it")
    status = fields["check_initial_status"]
    if status not in ("", "passing", "warning", "critical"):
        faults.append(f"{fields.label('check_initial_status')}: {status!r} is no status")

    def seconds(name: str, usual: float, least: float = SHORTEST) -> float:
        return _read(fields, name, _seconds, usual, least, faults)

    def number(name: str, usual: int) -> int:
        return int(_read(fields, name, int, usual, 1, faults))

    target = _target(container, fields, place, ways, faults)
    if target is None:
        return ()
    command = isinstance(target, tuple)
    check = Check(
        kind="command" if command else "http" if target else "tcp",
        target=target,
        interval=seconds("check_interval", COMMAND_INTERVAL if command else 0.5),
        timeout=seconds("check_timeout", COMMAND_TIMEOUT if command else 1.0),
        rise=number("check_rise", 1),
        fall=number("check_fall", 2),
        grace=seconds("check_grace", 0.0, 0.0),
        passing=status == "passing",
    )
    return (check,)


def _target(
    container: Container, fields: Fields, place: Place, ways: Ways, faults: list[str]
) -> str | tuple[str, ...] | None:
    """None: no check. Neither HTTP nor a connect says anything of a UDP port."""
    if (path := fields["check_http"]) and place.protocol == "tcp":
        return path if path.startswith(("/", "http://", "https://")) else f"/{path}"
    if line := fields["check_cmd"]:
        try:
            words = shlex.split(line)
        except ValueError as error:
            faults.append(f"{fields.label('check_cmd')}: {error}")
            words = []
        return (*ways.command, "exec", container.id, *words) if words else None
    if fields["check_tcp"] and place.protocol == "tcp":
        return ""
    return None


def _seconds(text: str) -> float:
    """Of `15s`, `1m30s`, `500ms`, or a plain number. Raises ValueError."""
    if not text or _ONE.sub("", text):
        raise ValueError(text)
    return sum(float(amount) * UNITS[unit] for amount, unit in _ONE.findall(text))


def _read(
    fields: Fields,
    name: str,
    read: Callable[[str], float],
    usual: float,
    least: float,
    faults: list[str],
) -> float:
    text = fields[name].strip()
    if not text:
        return usual
    try:
        value = read(text)
    except ValueError:
        faults.append(f"{fields.label(name)}: {text!r} cannot be read: it is {usual:g} now")
        return usual
    if not least <= value <= LONGEST:
        faults.append(f"{fields.label(name)}: {text!r} is out of bounds: it is {usual:g} now")
        return usual
    return value
