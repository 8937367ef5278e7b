"""One HTTP exchange with the server: errors in the product's own words, and nothing kept between.

The standard library's client, because it is there in 30 ms where httpx takes 250: a command
that only asks a question should not feel slow. TLS is verified (SSL_CERT_FILE names other CAs).
"""

import http.client
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import quote, urlencode, urlsplit

from bootstrapper import __version__
from bootstrapper.client.problems import problem
from bootstrapper.errors import Mistake, Unavailable

Query = Mapping[str, str | int | float | tuple[str, ...] | None]


class Lost(Unavailable):
    """The request went out and no answer came: whether it was heeded is not known."""


class Server:
    """Where the API is and who asks. Shared between threads: each exchange connects anew."""

    def __init__(self, url: str, token: str = "", *, timeout: float = 30.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Mistake(f"{url!r} is not an http:// or https:// URL", field="url")
        self.url = url.rstrip("/")
        self._host, self._port = parts.hostname, parts.port
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._path = parts.path.rstrip("/") + "/api/v1"
        self._headers = {"User-Agent": f"bootstrapper/{__version__}"}
        if token:
            self._headers["Authorization"] = f"Bearer {_one_line(token)}"
        self._timeout = timeout

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        wait: float = 0.0,
    ) -> bytes:
        """The answer's body. `wait`: seconds that the server may take on top."""
        within = self._timeout + wait
        with self.open(
            method, path, query=query, body=body, headers=headers, timeout=within
        ) as answer:
            return answer.read()

    @contextmanager
    def open(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float,
    ) -> Iterator[http.client.HTTPResponse]:
        """An answer that is read piece by piece. `path` is joined to /api/v1 as it is."""
        content = {"Content-Type": "application/json"} if body else {}
        given = {**self._headers, **content, **(headers or {})}
        connection = self._connection(timeout)
        try:
            with self._translated(Unavailable):
                connection.connect()
            with self._translated(Lost):
                connection.request(method, self._path + path + _text(query), body, given)
                answer = connection.getresponse()
                if answer.status >= http.client.MULTIPLE_CHOICES:
                    raise problem(answer.status, answer.read())
                yield answer
        finally:
            connection.close()

    def _connection(self, timeout: float) -> http.client.HTTPConnection:
        if self._tls is None:
            return http.client.HTTPConnection(self._host, self._port, timeout=timeout)
        return http.client.HTTPSConnection(
            self._host, self._port, timeout=timeout, context=self._tls
        )

    @contextmanager
    def _translated(self, kind: type[Unavailable]) -> Iterator[None]:
        try:
            yield
        except ssl.SSLCertVerificationError as error:
            raise Mistake(f"{self.url}: {error.verify_message}", field="url") from error
        except TimeoutError as error:
            raise kind(f"{self.url}: no answer in time") from error
        except OSError as error:
            raise kind(f"{self.url}: {error.strerror or error}") from error
        except http.client.HTTPException as error:
            raise kind(f"{self.url}: {type(error).__name__}: {error}") from error


def escaped(name: str) -> str:
    """A name as one segment of a path."""
    return quote(name, safe=":@")


def _text(query: Query | None) -> str:
    pairs: list[tuple[str, str]] = []
    for name, value in (query or {}).items():
        if value is None or value == "":
            continue
        values = value if isinstance(value, tuple) else (value,)
        pairs += [(name, str(each)) for each in values]
    return f"?{urlencode(pairs)}" if pairs else ""


def _one_line(token: str) -> str:
    token = token.strip()
    if not (token.isascii() and token.isprintable()):
        raise Mistake("the token is not one line of ASCII text", field="token")
    return token
