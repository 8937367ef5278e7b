"""The containers of 2015: `FD_IP` and `FD_PORT` name where the front door reaches one. Pure.

They are given from outside (`docker run -e FD_IP=… -e FD_PORT=…`), so the port may be the one in
the container or the published one. A SERVICE_NAME says more, and wins.
"""

from ipaddress import ip_address

from bootstrapper.fleet.docker.inspected import Container
from bootstrapper.fleet.docker.metadata import environment, fields_of
from bootstrapper.fleet.docker.places import MOST, Place, Ways

FRONTEND = "frontend"


def front_door(
    container: Container, places: tuple[Place, ...], ways: Ways, faults: list[str]
) -> Place | None:
    """Its `inner` and `protocol` are those of the place that it stands for, if there is one."""
    env = environment(container.config)
    ip, port = env.get("FD_IP", "").strip(), env.get("FD_PORT", "").strip()
    if not ip and not port:
        return None
    if ip and not _is_address(ip):
        faults.append(f"FD_IP: {ip!r} is no address: this node's is taken")
        ip = ""
    number = _number(port)
    if number is None:
        faults.append(f"FD_PORT: {port!r} is no port: it is not offered as {FRONTEND}")
        return None
    known = _place(places, number)
    if known is None and not number:
        faults.append("FD_IP is given without FD_PORT, and there is not exactly one port")
        return None
    inner = known.inner if known else number
    if fields_of(container.config, inner)["name"]:
        return None
    return Place(
        address=ip or (known.address if known else ways.address),
        port=known.port if known else number,
        inner=inner,
    )


def _place(places: tuple[Place, ...], number: int) -> Place | None:
    """0: the only one."""
    tcp = [each for each in places if each.protocol == "tcp"]
    if not number:
        return tcp[0] if len(tcp) == 1 else None
    for each in tcp:
        if each.inner == number:
            return each
    return next((each for each in tcp if each.port == number), None)


def _number(text: str) -> int | None:
    """0: none was given."""
    if not text:
        return 0
    number = text.lstrip("0")
    valid = number.isascii() and number.isdigit() and int(number[:6]) <= MOST
    return int(number) if valid else None


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
