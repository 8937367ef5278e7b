"""A question over TCP: connect, perhaps TLS, send, and read until the status is known. No blocking.

What follows the status is read and thrown away until the server closes, within bounds: closing in
its face would make it log an error for each check.
"""

import errno
import socket
from contextlib import suppress
from enum import Enum, auto
from selectors import EVENT_READ, EVENT_WRITE, BaseSelector
from typing import Any

from bootstrapper.fleet.addresses import Address
from bootstrapper.fleet.checks.answers import judge
from bootstrapper.fleet.checks.asking import OURS, NotAsked, words
from bootstrapper.fleet.checks.counting import Result
from bootstrapper.fleet.checks.questions import Connect

PIECE = 16_384  # bytes
LINGER = 65_536  # bytes of a body that are read for politeness


class Step(Enum):
    CONNECT = auto()
    HANDSHAKE = auto()
    SEND = auto()
    READ = auto()
    LINGER = auto()


class Link:
    __slots__ = ("_addresses", "_asked", "_read", "_seconds", "_socket", "_step", "_unsent", "over")

    def __init__(self, asked: Connect, addresses: tuple[Address, ...], seconds: float) -> None:
        self.over = False
        self._asked = asked
        self._addresses = addresses
        self._seconds = seconds
        self._step = Step.CONNECT
        self._socket: socket.socket | None = None
        self._unsent = asked.request
        self._read = b""

    def begin(self, selector: BaseSelector) -> Result | None:
        return self._connect(selector, 0)

    def turn(self, selector: BaseSelector, fd: int) -> Result | None:
        link = self._socket
        if link is None:
            return None
        try:
            return self._go_on(selector, link)
        except BlockingIOError:
            return None
        except OSError as error:
            if self._asked.tls and (events := wanted(error)):
                selector.modify(fd, events, self)
                return None
            self.close(selector)
            return self._failed(words(error))

    def expire(self, selector: BaseSelector) -> Result:
        self.close(selector)
        return self._failed(f"no answer within {self._seconds:g} s")

    def close(self, selector: BaseSelector) -> None:
        self.over = True
        self._drop(selector)

    def _connect(self, selector: BaseSelector, code: int) -> Result | None:
        """To the next of its addresses; `code` is why the last one failed."""
        while self._addresses:
            (family, address), *rest = self._addresses
            self._addresses = tuple(rest)
            try:
                link = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
            except OSError as error:
                self.close(selector)
                raise NotAsked(words(error)) from error
            code = link.connect_ex(address)
            if code in (0, errno.EINPROGRESS):
                self._socket = link
                selector.register(link.fileno(), EVENT_WRITE, self)
                return None
            link.close()
        self.close(selector)
        why = words(OSError(code, "")) if code else "no such host"
        if code in OURS:
            raise NotAsked(why)
        return self._failed(why)

    def _go_on(self, selector: BaseSelector, link: socket.socket) -> Result | None:
        if self._step is Step.CONNECT:
            if code := link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                self._drop(selector)
                return self._connect(selector, code)
            if not self._asked.request:
                self.close(selector)
                return Result(True, f"{self._asked.told} accepts")
            self._step = Step.SEND
            if self._asked.tls:
                self._socket = link = secured(link, self._asked.host)
                self._step = Step.HANDSHAKE
        if self._step is Step.HANDSHAKE:
            link.do_handshake()  # type: ignore[attr-defined]
            self._step = Step.SEND
        if self._step is Step.SEND:
            self._unsent = self._unsent[link.send(self._unsent) :]
            if self._unsent:
                return None
            self._step = Step.READ
            selector.modify(link.fileno(), EVENT_READ, self)
            return None
        return self._receive(selector, link)

    def _receive(self, selector: BaseSelector, link: socket.socket) -> Result | None:
        """A TLS link may hold more than the selector knows of, so it is read until it is dry."""
        while True:
            piece = link.recv(PIECE)
            self._read += piece
            if self._step is Step.LINGER:
                if not piece or len(self._read) > LINGER:
                    self.close(selector)
                    return None
            elif result := judge(self._asked.told, self._read, ended=not piece):
                self._step = Step.LINGER
                if not piece or not result.passed:
                    self.close(selector)
                return result
            if not self._asked.tls:
                return None

    def _drop(self, selector: BaseSelector) -> None:
        if self._socket is not None:
            with suppress(KeyError):  # it was refused there
                selector.unregister(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def _failed(self, why: str) -> Result:
        return Result(False, f"{self._asked.told}: {why}")


_context: Any = None


def secured(link: socket.socket, host: str) -> socket.socket:
    global _context  # noqa: PLW0603 (one for the process: making it reads files)
    import ssl  # noqa: PLC0415 (for https alone)

    if _context is None:
        _context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        _context.check_hostname = False
        _context.verify_mode = ssl.CERT_NONE
    made: ssl.SSLSocket = _context.wrap_socket(
        link, server_hostname=host, do_handshake_on_connect=False
    )
    return made


def wanted(error: OSError) -> int:
    """What TLS waits for before it can go on; 0: it does not wait, it failed."""
    import ssl  # noqa: PLC0415

    if isinstance(error, ssl.SSLWantReadError):
        return EVENT_READ
    return EVENT_WRITE if isinstance(error, ssl.SSLWantWriteError) else 0
