"""How a call is made: values to JSON, JSON to values, and a server that answers nonsense named."""

from typing import Any, TypeVar

import msgspec

from bootstrapper.client.server import Query, Server
from bootstrapper.errors import Refused

T = TypeVar("T")


class Calls:
    def __init__(self, server: Server) -> None:
        self.server = server
        self.url = server.url

    def many(
        self, path: str, name: str, kind: type[T], query: Query | None = None
    ) -> tuple[T, ...]:
        page = self.call("GET", path, dict[str, msgspec.Raw], query=query)
        return self._decoded(bytes(page.get(name, b"[]")), tuple[kind, ...])  # type: ignore[valid-type]

    def call(self, method: str, path: str, kind: type[T], *, body: Any = None, **rest: Any) -> T:
        sent = None if body is None else msgspec.json.encode(body)
        return self._decoded(self.server.ask(method, path, body=sent, **rest), kind)

    def do(self, method: str, path: str, body: Any = None) -> None:
        self.server.ask(method, path, body=None if body is None else msgspec.json.encode(body))

    def _decoded(self, text: bytes, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(text, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Refused(f"{self.url} answers what this client cannot read: {error}") from error


def said(**fields: Any) -> dict[str, Any]:
    """What was left empty is not sent."""
    return {name: value for name, value in fields.items() if value}
