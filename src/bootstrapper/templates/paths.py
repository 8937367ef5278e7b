"""Keys are paths: joined, cleaned and compared as Go's `path` package does (pure)."""

from collections.abc import Iterable
from posixpath import normpath


def join(*parts: str) -> str:
    """Go's path.Join: empty parts are nothing, `//`, `.` and `..` are resolved."""
    text = "/".join(part for part in parts if part)
    if not text:
        return ""
    clean = normpath(text)
    return clean[1:] if clean.startswith("//") else clean  # POSIX lets two slashes stand


def at_or_below(key: str, place: str) -> bool:
    return key == place or key.startswith(place if place.endswith("/") else place + "/")


def any_at_or_below(key: str, places: Iterable[str]) -> bool:
    return any(at_or_below(key, place) for place in places)


def without(prefix: str, key: str) -> str:
    """The key as a template knows it; one outside of the prefix stays as it is."""
    return join("/", key.removeprefix(prefix))


def common(keys: Iterable[str]) -> str:
    """The place that all keys are at or below; / when there is none nearer."""
    parts = [key.strip("/").split("/") for key in keys]
    if not parts:
        return "/"
    near = []
    for names in zip(*parts, strict=False):
        if len(set(names)) > 1:
            break
        near.append(names[0])
    return "/" + "/".join(near)


def outermost(keys: Iterable[str]) -> list[str]:
    """Without doubles, and without those below others."""
    found: list[str] = []
    for key in sorted(set(keys), key=len):
        if not any_at_or_below(key, found):
            found.append(key)
    return found
