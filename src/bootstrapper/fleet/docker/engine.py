"""Docker's HTTP, over its socket: three questions and the stream of events.

The standard library is enough for that, and tells at once what an event says; Docker's own client
would cost another dependency, 0.1 s of imports and 5 to 14 MB of memory.
"""

import http.client
import socket
from collections.abc import Iterator
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import msgspec

from bootstrapper.errors import Error, Mistake, Refused, Unavailable
from bootstrapper.fleet.docker.inspected import Container, Event, Listed

T = TypeVar("T")
NOT_FOUND, FAULTY, BROKEN = 404, 400, 500
PORT = 2375  # of an engine without TLS
MOST = 64 * 1024 * 1024  # bytes of an answer
LONGEST = 1024 * 1024  # bytes of one event
HEARD = {
    "type": ["container", "network"],
    "event": [
        "start", "die", "kill", "stop", "pause", "unpause", "restart", "rename", "oom", "update",
        "destroy", "health_status", "connect", "disconnect",
    ],
}  # fmt: skip
"""Not those of `docker exec`: a HEALTHCHECK makes three of them each time."""


class Engine:
    """`url`: unix:///var/run/docker.sock or tcp://address:port. `timeout`: seconds an answer."""

    def __init__(self, url: str, timeout: float) -> None:
        self.url = url
        self._path, self._host, self._port = _place(url)
        self._timeout = timeout

    def containers(self) -> list[Listed]:
        """Those that run. Raises Unavailable and Refused, as all of these do."""
        return self._ask("/containers/json", list[Listed])

    def inspect(self, container: str) -> Container | None:
        """None: there is none."""
        try:
            return self._ask(f"/containers/{quote(container, safe='')}/json", Container)
        except _NotFound:
            return None

    def events(self) -> "Events":
        """What happens from now on, and what happened in the second before: Docker answers a
        little before it listens."""
        link, reply = self._reply("/_ping")
        link.close()
        query = f"filters={quote(msgspec.json.encode(HEARD))}"
        with suppress(TypeError, ValueError):  # it says no date, and nothing is heard twice
            since = parsedate_to_datetime(reply.headers["Date"]).timestamp()
            query += f"&since={since:.0f}"
        return Events(*self._reply(f"/events?{query}"), self.url)

    def _ask(self, path: str, kind: type[T]) -> T:
        link, reply = self._reply(path)
        try:
            return msgspec.json.decode(reply.read(MOST), type=kind)
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(f"Docker at {self.url} ended its answer: {error}") from error
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise Unavailable(f"Docker at {self.url} is garbled: {error}") from error
        finally:
            link.close()

    def _reply(self, path: str) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        link = self._link()
        try:
            link.request("GET", path)
            reply = link.getresponse()
            if reply.status < FAULTY:
                return link, reply
            said = reply.read(2000).decode(errors="replace").strip()
        except (OSError, http.client.HTTPException) as error:
            link.close()
            raise Unavailable(f"Docker at {self.url} does not answer: {error}") from error
        link.close()
        kind: type[Error] = _NotFound if reply.status == NOT_FOUND else Refused
        if reply.status >= BROKEN:
            kind = Unavailable
        raise kind(f"Docker at {self.url} says {reply.status}: {said}")

    def _link(self) -> http.client.HTTPConnection:
        if self._path:
            return _UnixLink(self._path, self._timeout)
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)


def _place(url: str) -> tuple[str, str, int]:
    """A socket's path, or a host and port. Raises Mistake."""
    try:
        parts = urlsplit(url)
        if parts.scheme == "unix" and parts.path and not parts.netloc:
            return parts.path, "", 0
        if parts.scheme == "tcp" and parts.hostname:
            return "", parts.hostname, parts.port or PORT
    except ValueError:  # a port that is none
        pass
    raise Mistake(f"{url!r} is neither unix:///… nor tcp://…", field="fleet.docker.url")


class Events:
    """Iterate in a thread of its own; `close` ends that from another."""

    def __init__(
        self, link: http.client.HTTPConnection, reply: http.client.HTTPResponse, url: str
    ) -> None:
        self._link = link
        self._reply = reply
        self._url = url
        self._socket: Any = link.sock
        if self._socket is not None:
            self._socket.settimeout(None)  # quiet is no fault here

    def __iter__(self) -> Iterator[Event]:
        """Raises Unavailable when it ends, whatever the reason."""
        why: object = "without a word"
        try:
            while line := self._reply.readline(LONGEST):
                if line.strip():
                    yield msgspec.json.decode(line, type=Event)
        except (OSError, ValueError, RecursionError, http.client.HTTPException) as error:
            why = error or why
        raise Unavailable(f"Docker's events at {self._url} ended: {why}")

    def close(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """When nobody reads any more."""
        with suppress(OSError, ValueError):
            self._reply.close()
        self._link.close()


class _NotFound(Refused):
    pass


class _UnixLink(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("docker", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        try:
            self.sock.settimeout(self.timeout)
            self.sock.connect(self._path)
        except BaseException:
            self.sock.close()
            raise
