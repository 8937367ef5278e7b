"""The way to etcd's JSON gateway: several endpoints, a short try at each, then the next.

What is asked here must bear being asked twice: a try that ended without an answer may have been
heard. Connections belong to one process; a fork makes its own. The JSON itself is etcd's v3 API
as its own gateway serves it below /v3.
"""

import logging
import os
import re
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec
import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)

from bootstrapper.errors import Refused, Unavailable
from bootstrapper.kv.etcd_auth import Login, TokenOver, is_token_fault
from bootstrapper.kv.etcd_replies import Fault
from bootstrapper.kv.etcd_tries import NotSent, Silent, Tries

T = TypeVar("T")

PASSING = frozenset({1, 2, 4, 8, 10, 13, 14})
"""gRPC's codes for what may be different in a moment: canceled, unknown, deadline, exhausted, …"""
_CERTIFICATE = re.compile(r"certificate|unknown ca", re.IGNORECASE)
OK = 200
SERVER_FAULT = 500


class EtcdFault(Refused):
    """etcd's own no, with gRPC's code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM files; "" where there is none."""

    ca: str = ""
    certificate: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """`doubtful`: an earlier try may have been heard already. `url`: who answered."""

    value: T
    url: str
    doubtful: bool


class Gateway:
    """`try_seconds` for one try, `seconds` for an answer in all (see `etcd_tries`)."""

    def __init__(
        self,
        urls: tuple[str, ...],
        *,
        tls: Tls = Tls(),
        login: Login | None = None,
        try_seconds: float = 0.5,
        seconds: float = 5.0,
    ) -> None:
        self.try_seconds = try_seconds
        self._urls = urls
        self._tls = tls
        self._login = login
        self._seconds = seconds
        self._best = 0
        self._made: tuple[int, urllib3.PoolManager] | None = None

    def ask(self, path: str, body: object, kind: type[T]) -> T:
        return self.answer(path, body, kind).value

    def answer(self, path: str, body: object, kind: type[T]) -> Answer[T]:
        """Ask one after another, the one that answered last first, until one answers."""
        tries = Tries(self.try_seconds, self._seconds)
        while True:
            for number in self._order():
                url = self._urls[number]
                try:
                    value = self.ask_at(url, path, body, kind, tries.seconds())
                except Unavailable as error:
                    tries.failed(error)
                else:
                    self._best = number
                    return Answer(value, url, tries.doubtful)
            tries.next_round()

    def ask_at(self, url: str, path: str, body: object, kind: type[T], seconds: float) -> T:
        """One try at one endpoint."""
        with self.open(url, path, body, seconds) as response:
            try:
                return msgspec.json.decode(response.read(), type=kind, strict=False)
            except HTTPError as error:
                raise Unavailable(f"etcd at {url}: {error}") from error
            except msgspec.DecodeError as error:
                raise Refused(f"etcd at {url}{path}: not its answer: {error}") from error

    def open(self, url: str, path: str, body: object, seconds: float) -> urllib3.BaseHTTPResponse:
        """The answer still to be read; a token that is over is replaced by a new one, once."""
        try:
            return self._open(url, path, body, seconds)
        except TokenOver as error:
            if self._login is None:
                raise Refused(f"etcd at {url}: {error}: kv.username") from error
            self._login.forget()
        try:
            return self._open(url, path, body, seconds)
        except TokenOver as error:
            raise Unavailable(f"etcd at {url}: {error}") from error

    def forget_token(self) -> None:
        if self._login is not None:
            self._login.forget()

    def _open(self, url: str, path: str, body: object, seconds: float) -> urllib3.BaseHTTPResponse:
        headers = {"Content-Type": "application/json"}
        if self._login is not None:
            headers["Authorization"] = self._login.token(
                lambda path, body: self._send(url, path, body, seconds, {})
            )
        return self._send(url, path, body, seconds, headers)

    def _send(
        self, url: str, path: str, body: object, seconds: float, headers: dict[str, str]
    ) -> urllib3.BaseHTTPResponse:
        try:
            response = self._http.request(
                "POST", url + path, body=msgspec.json.encode(body), headers=headers,
                timeout=urllib3.Timeout(connect=seconds, read=seconds),
                redirect=False, retries=False, preload_content=False,
            )  # fmt: skip
            if response.status == OK:
                return response
            with response:
                fault = response.read()
        except (NewConnectionError, ConnectTimeoutError, NameResolutionError) as error:
            raise NotSent(f"etcd at {url}: {error}") from error
        except SSLError as error:
            kind = Refused if _CERTIFICATE.search(str(error)) else Unavailable
            raise kind(f"etcd at {url}: {error}") from error
        except ReadTimeoutError as error:
            raise Silent(f"etcd at {url}: {error}") from error
        except HTTPError as error:
            raise Unavailable(f"etcd at {url}: {error}") from error
        raise _fault(url + path, response.status, fault)

    def _order(self) -> list[int]:
        count = len(self._urls)
        return [(self._best + step) % count for step in range(count)]

    @property
    def _http(self) -> urllib3.PoolManager:
        made = self._made
        if made is None or made[0] != os.getpid():
            made = self._made = (os.getpid(), _pool(self._tls))
        return made[1]


def _pool(tls: Tls) -> urllib3.PoolManager:
    """Each watch has a connection of its own: that some are too many to be kept is no news."""
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    return urllib3.PoolManager(
        maxsize=4,
        ca_certs=tls.ca or None,
        cert_file=tls.certificate or None,
        key_file=tls.key or None,
    )


def _fault(place: str, status: int, body: bytes) -> Exception:
    try:
        fault = msgspec.json.decode(body, type=Fault)
    except msgspec.DecodeError:
        fault = Fault()
    message = f"etcd at {place}: {fault.error or f'HTTP {status}'}"
    if is_token_fault(fault):
        return TokenOver(fault.error)
    if fault.code in PASSING or (not fault.code and status >= SERVER_FAULT):
        return Unavailable(message)
    return EtcdFault(message, fault.code)
