"""Where a container's ports are reached: published on this node, or its own address and port. Pure.

registrator takes the address of a container on a network of one's own together with the published
port, which nobody can reach; here a published port is always the node's.
"""

from collections.abc import Iterator, Mapping

import msgspec

from bootstrapper.fleet.docker.inspected import Binding, Container

ANY = ("", "0.0.0.0", "::")
MOST = 65_535


class Ways(msgspec.Struct, frozen=True, kw_only=True):
    """`address`: this node's. `internal`: containers' own addresses; `explicit`: only those that
    are named. `command`: Docker's command line, for checks within a container."""

    node: str
    address: str
    internal: bool = False
    explicit: bool = False
    command: tuple[str, ...] = ("docker",)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """`inner`: the port in the container; `protocol`: tcp, udp or sctp."""

    address: str
    port: int
    inner: int
    protocol: str = "tcp"


def places_of(container: Container, ways: Ways, lender: Container | None) -> tuple[Place, ...]:
    """Those that can be reached. `lender`: the container whose network this one uses."""
    found = sorted(_places(container, ways, lender), key=lambda each: (each.inner, each.protocol))
    return tuple(found)


def _places(container: Container, ways: Ways, lender: Container | None) -> Iterator[Place]:
    if container.lender and lender is None:
        return
    network = lender or container
    mode = network.host_config.network_mode
    exposed: Mapping[str, object] = container.config.exposed_ports or {}
    ports = network.network_settings.ports or {}
    wanted = exposed if lender or mode == "host" else {**exposed, **ports}
    address = own_address(network)
    for name in wanted:
        inner, protocol = _split(name)
        if mode == "none" or not 0 < inner <= MOST:
            continue
        if mode == "host":
            yield Place(address=ways.address, port=inner, inner=inner, protocol=protocol)
        elif ways.internal:
            if address:
                yield Place(address=address, port=inner, inner=inner, protocol=protocol)
        elif binding := best(ports.get(name) or (), ways.address):
            host = ways.address if binding.host_ip in ANY else binding.host_ip
            port = int(binding.host_port)
            yield Place(address=host, port=port, inner=inner, protocol=protocol)


def best(bindings: tuple[Binding, ...], address: str) -> Binding | None:
    """The one to be reached at `address`; Docker may publish another port for each family."""
    usable = [each for each in bindings if _number(each.host_port)]
    return min(usable, key=lambda each: _rank(each.host_ip, ":" in address), default=None)


def own_address(container: Container) -> str:
    """On the network that it was started in, else on the first by name."""
    networks = container.network_settings.networks or {}
    mode = container.host_config.network_mode
    first = "bridge" if mode in ("", "default") else mode
    for name in sorted(networks, key=lambda each: (each != first, each)):
        network = networks[name]
        if network and (address := network.ip or network.ip6):
            return address
    return ""


def _rank(host_ip: str, ipv6: bool) -> int:
    if host_ip in ANY:
        return 0 if (host_ip == "::") == ipv6 or host_ip == "" else 2
    return 3 if host_ip.startswith("127.") or host_ip == "::1" else 1


def _split(name: str) -> tuple[int, str]:
    """Of `80/tcp`."""
    number, _, protocol = name.partition("/")
    return _number(number), protocol or "tcp"


def _number(text: str) -> int:
    """A port; 0 for what is none."""
    digits = text.isascii() and text.isdigit() and len(text) < 6  # noqa: PLR2004
    return int(text) if digits and int(text) <= MOST else 0
