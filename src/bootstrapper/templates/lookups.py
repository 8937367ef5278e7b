"""lookupIP and its kin: names to addresses and services, sorted; what does not resolve is empty.

What asks the network is imported with the first question.
"""

from typing import TYPE_CHECKING

from bootstrapper.templates.gotemplate import (
    STRING,
    Kind,
    Pointer,
    Scalar,
    Slice,
    Struct,
    Type,
    pointer_to,
    slice_of,
    struct_of,
)

if TYPE_CHECKING:
    from bootstrapper.templates.dns import Service

STRINGS = slice_of(STRING)
UINT16 = Type(Kind.UINT, "uint16", bits=16)
SRV = struct_of("net.SRV", {"Target": STRING, "Port": UINT16, "Priority": UINT16, "Weight": UINT16})
SRVS = slice_of(pointer_to(SRV))


class SRVRecord(Struct):
    __slots__ = ("Port", "Priority", "Target", "Weight")
    go_type = SRV

    def __init__(self, found: "Service") -> None:
        self.Target = found.target
        self.Port = Scalar(UINT16, found.port)
        self.Priority = Scalar(UINT16, found.priority)
        self.Weight = Scalar(UINT16, found.weight)


def _addresses(name: str) -> list[str]:
    import socket  # noqa: PLC0415

    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return sorted({str(address[0]).partition("%")[0] for *_, address in found})


def _strings(found: list[str]) -> Slice:
    return Slice(STRINGS, found, is_nil=not found)


def lookup_ip(name: str) -> Slice:
    return _strings(_addresses(name))


def lookup_ipv4(name: str) -> Slice:
    return _strings([each for each in _addresses(name) if "." in each])


def lookup_ipv6(name: str) -> Slice:
    return _strings([each for each in _addresses(name) if ":" in each])


def lookup_srv(service: str, protocol: str, name: str) -> Slice:
    """Sorted by target, port, priority and weight, read as one text."""
    from bootstrapper.templates.dns import services  # noqa: PLC0415

    asked = f"_{service}._{protocol}.{name}" if service or protocol else name
    found = sorted(
        services(asked), key=lambda each: f"{each.target}{each.port}{each.priority}{each.weight}"
    )
    return Slice(SRVS, [Pointer(SRVRecord(each)) for each in found])
