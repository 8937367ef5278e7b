"""One of several nodes, asked over HTTP; the next one when it does not answer."""

import json
import ssl
from collections.abc import Mapping
from typing import Any, NamedTuple

import urllib3

from bootstrapper.errors import Mistake, Unavailable
from bootstrapper.templates.confd.config import Source, Tls

CONNECT, READ = 2.0, 4.0
"""Seconds. A long poll is quiet for `POLL`, then looks whether it is to stop."""
POLL = 2.0


class Reply(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        try:
            return json.loads(self.body or b"null")
        except ValueError as error:
            raise Unavailable(f"not JSON: {self.body[:80]!r}") from error


class Nodes:
    """`headers` go with every request. Safe to use from several threads."""

    def __init__(self, source: Source, headers: Mapping[str, str] | None = None) -> None:
        self.urls = tuple(url(node, source.scheme) for node in source.nodes)
        if not self.urls:
            raise Mistake(f"no node of {source.backend}: use -node", field="node")
        self.headers = dict(headers or {})
        self._name = source.backend
        secure = any(each.startswith("https:") for each in self.urls)
        self._http = urllib3.PoolManager(
            retries=False, maxsize=16, ssl_context=ssl_context(source.tls) if secure else None
        )

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        read: float = READ,
    ) -> Reply:
        """A 5xx of one node is a reason to ask the next; Unavailable when none has an answer."""
        trouble = "no node"
        for place in self.urls:
            try:
                reply = self._http.request(
                    method, self._address(place, path, query),
                    headers=self.headers | dict(headers or {}),
                    timeout=urllib3.Timeout(connect=CONNECT, read=read),
                    json=body,
                )  # fmt: skip
            except urllib3.exceptions.HTTPError as error:
                trouble = f"{place}: {error}"
                continue
            if reply.status < 500:  # noqa: PLR2004
                self._prefer(place)
                return Reply(reply.status, reply.headers, reply.data)
            trouble = f"{place}: {reply.status} {reply.data[:200].decode(errors='replace').strip()}"
        raise Unavailable(f"{self._name}: {trouble}")

    def hear(self, path: str, query: Mapping[str, str]) -> tuple[Reply, bool]:
        """A long poll whose head comes at once: the reply so far, and whether its body came."""
        place = self.urls[0]
        try:
            reply = self._http.request(
                "GET", self._address(place, path, query), headers=self.headers,
                timeout=urllib3.Timeout(connect=CONNECT, read=POLL), preload_content=False,
            )  # fmt: skip
        except urllib3.exceptions.HTTPError as error:
            self._prefer(self.urls[-1])
            raise Unavailable(f"{self._name}: {place}: {error}") from error
        try:
            return Reply(reply.status, reply.headers, reply.read()), True
        except urllib3.exceptions.ReadTimeoutError:
            return Reply(reply.status, reply.headers, b""), False
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(f"{self._name}: {place}: {error}") from error
        finally:
            reply.close()

    def _address(self, place: str, path: str, query: Mapping[str, str] | None) -> str:
        return (
            place + path + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else "")
        )

    def _prefer(self, place: str) -> None:
        """The one that answered is asked first from now on."""
        urls = self.urls
        if place != urls[0]:
            start = urls.index(place)
            self.urls = urls[start:] + urls[:start]


def url(node: str, scheme: str) -> str:
    """`host:port`, `host` or a URL → a URL without a slash at its end."""
    return (node if "://" in node else f"{scheme}://{node}").rstrip("/")


def basic(username: str, password: str) -> dict[str, str]:
    return dict(urllib3.make_headers(basic_auth=f"{username}:{password}"))


def ssl_context(tls: Tls) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=tls.ca or None)
        if tls.cert and tls.key:
            context.load_cert_chain(tls.cert, tls.key)
    except (OSError, ssl.SSLError) as error:
        files = ", ".join(each for each in (tls.ca, tls.cert, tls.key) if each)
        raise Mistake(f"TLS: {files}: {error}", field="client-cert") from error
    if tls.insecure:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # they asked for it
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
