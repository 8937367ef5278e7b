"""Prometheus' text at an address of its own, for processes that have no API."""

from typing import TYPE_CHECKING

from bootstrapper.errors import Mistake, Refused

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry


def expose(registry: "CollectorRegistry", address: str, *, field: str) -> None:
    """`address:port`, on a thread of its own; `field` names the setting it is from."""
    from prometheus_client import start_http_server  # noqa: PLC0415 (slow to import)

    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise Mistake(f"{address!r} is not address:port", field=field)
    try:
        start_http_server(int(port), host.strip("[]"), registry)
    except OSError as error:
        raise Refused(f"metrics cannot be served on {address}: {error.strerror}") from error
