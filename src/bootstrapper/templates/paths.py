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
