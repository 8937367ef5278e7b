"""Where Vault keeps what is at and below a path: mounts, their versions, lists. One per reading."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from bootstrapper.templates.backends.http import Reply
from bootstrapper.templates.paths import at_or_below, join

Ask = Callable[[str, str], Reply]
_ERRORS = 400


class Tree:
    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._mounts: dict[str, bool] = {}
        """Mount → it is version 2."""

    def walk(self, path: str) -> Iterator[str]:
        """The path and all below. Where a policy allows no listing there is nothing below."""
        yield path
        reply = self._ask("LIST", self.address(path, "metadata"))
        if reply.status < _ERRORS:
            for name in ((reply.json() or {}).get("data") or {}).get("keys") or ():
                yield from self.walk(join(path, name))

    def address(self, path: str, kind: str) -> str:
        """`kind`, data or metadata, is a folder of its own in version 2."""
        mount = self._v2(path)
        return "/v1" + quote(join(mount, kind, path.removeprefix(mount)) if mount else path)

    def fields(self, path: str, answer: Mapping[str, Any]) -> dict[str, Any]:
        data: dict[str, Any] = answer.get("data") or {}
        if self._v2(path):
            return dict(data.get("data") or {})
        return data

    def _v2(self, path: str) -> str:
        """Where the version 2 engine of this path is mounted; empty for others, and for paths
        that are written for it.
        """
        mount = next((each for each in self._mounts if at_or_below(path, each)), None)
        if mount is None:
            mount, self._mounts[mount] = self._mounted(path)
        written = (join(mount, "data") + "/", join(mount, "metadata") + "/")
        return mount if self._mounts[mount] and not path.startswith(written) else ""

    def _mounted(self, path: str) -> tuple[str, bool]:
        """What a policy does not let us see is taken for version 1."""
        reply = self._ask("GET", "/v1/sys/internal/ui/mounts" + quote(path))
        data = (reply.json() or {}).get("data") if reply.status < _ERRORS else None
        if not data or "path" not in data:
            return path, False
        return join("/", data["path"]), (data.get("options") or {}).get("version") == "2"
