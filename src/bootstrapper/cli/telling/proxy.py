"""A running HAProxy as a table. Pure."""

from collections.abc import Iterable

from msgspec import Struct

from bootstrapper.cli.telling.lines import Line, table


class ProxyServer(Struct, frozen=True):
    """`rate` and `sessions` are of now: sessions per second, and those under way."""

    backend: str
    server: str
    address: str
    state: str
    weight: int
    sessions: int
    rate: int
    total: int


def tell_proxy(servers: Iterable[ProxyServer]) -> tuple[Line, ...]:
    return table(
        ("BACKEND", "SERVER", "ADDRESS", "STATE", "WEIGHT", "SESSIONS", "RATE", "TOTAL"),
        (
            (x.backend, x.server, x.address, x.state, str(x.weight), str(x.sessions),
             str(x.rate), str(x.total))
            for x in servers
        ),
    )  # fmt: skip
