"""One connection to a Serf agent as values in and out: MessagePack over TCP.

Text and bytes are one kind on this wire: all comes as bytes, and readers say what is text.
"""

import socket
import time
from collections.abc import Mapping
from typing import Any

from bootstrapper.errors import Mistake, Unavailable

PIECE = 1 << 16
MOST = 64 << 20
"""Bytes of one value: a hundred thousand members have less."""


class Wire:
    """For one thread. Whatever goes wrong, the connection is of no more use."""

    def __init__(self, address: str, timeout: float) -> None:
        """`address`: HOST:PORT. Raises Unavailable when nobody is there within `timeout` s."""
        import msgpack  # noqa: PLC0415 (only who talks to Serf)

        self.address = address
        try:
            self._link = socket.create_connection(_host_and_port(address), timeout)
        except OSError as error:
            raise self._away(error) from error
        self._link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._unpacker = msgpack.Unpacker(raw=True, strict_map_key=False, max_buffer_size=MOST)
        self._packer = msgpack.Packer(use_bin_type=False, unicode_errors="surrogateescape")
        self._faults = (ValueError, msgpack.exceptions.UnpackException)

    def send(self, values: tuple[Any, ...], within: float) -> None:
        packed = b"".join(self._packer.pack(value) for value in values)
        try:
            self._link.settimeout(max(within, 0.001))
            self._link.sendall(packed)
        except OSError as error:
            raise self._away(error) from error

    def receive(self, within: float) -> Any:
        """The next whole value; TimeoutError when there is none in time (what came is kept)."""
        deadline = time.monotonic() + within
        try:
            while True:
                for value in self._unpacker:
                    return value
                self._unpacker.feed(self._read(deadline - time.monotonic()))
        except self._faults as error:
            raise Unavailable(f"{self.address} does not speak as Serf: {error}") from error

    def close(self) -> None:
        self._link.close()

    def _read(self, within: float) -> bytes:
        try:
            self._link.settimeout(max(within, 0.000_1))
            piece = self._link.recv(PIECE)
        except TimeoutError:
            raise
        except OSError as error:
            raise self._away(error) from error
        if not piece:
            raise Unavailable(f"the Serf agent at {self.address} hung up")
        return piece

    def _away(self, error: OSError) -> Unavailable:
        return Unavailable(f"the Serf agent at {self.address} does not answer: {error}")


def text(raw: Any) -> str:
    """Names need not be UTF-8: what is not comes as surrogate escapes, and goes back as it was."""
    return raw.decode(errors="surrogateescape") if isinstance(raw, bytes) else str(raw)


def fields(value: Any) -> dict[str, Any]:
    """A map with text for keys. Raises Unavailable: this is no agent's answer."""
    if not isinstance(value, Mapping):
        raise _nonsense(value)
    return {text(key): each for key, each in value.items()}


def number(value: Any) -> int:
    if not isinstance(value, int):
        raise _nonsense(value)
    return value


def items(value: Any) -> list[Any]:
    """Of an array; none is an empty one."""
    if not isinstance(value, list | None):
        raise _nonsense(value)
    return value or []


def _nonsense(value: Any) -> Unavailable:
    return Unavailable(f"this is no answer of Serf: {str(value)[:80]}")


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise Mistake(f"{address!r} is not HOST:PORT", field="fleet.serf.rpc")
    return host.strip("[]"), int(port)
