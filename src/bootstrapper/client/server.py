"""Where the API is and who asks: what each exchange with it has in common."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from bootstrapper import __version__
from bootstrapper.errors import Mistake, Unavailable

if TYPE_CHECKING:
    from http.client import HTTPResponse

Query = Mapping[str, str | int | float | tuple[str, ...] | None]


class Lost(Unavailable):
    """The request went out and no answer came: whether it was heeded is not known."""


class Server:
    """Shared between threads: each exchange connects anew."""

    def __init__(self, url: str, token: str = "", *, timeout: float = 30.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Mistake(f"{url!r} is not an http:// or https:// URL", field="url")
        self.url = url.rstrip("/")
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

    def open(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float,
    ) -> AbstractContextManager["HTTPResponse"]:
        """An answer that is read piece by piece. `path` is joined to /api/v1 as it is."""
        from bootstrapper.client.wire import exchange  # noqa: PLC0415 (20 ms that help can spare)

        content = {"Content-Type": "application/json"} if body else {}
        given = {**self._headers, **content, **(headers or {})}
        target = self._path + path + _text(query)
        return exchange(self.url, method, target, body, given, timeout)


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
